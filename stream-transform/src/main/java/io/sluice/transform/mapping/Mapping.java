package io.sluice.transform.mapping;

import io.sluice.platform.pipeline.ExpressionChecker;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.transform.mapping.expression.ExpressionCompiler;
import io.sluice.transform.mapping.value.Documents;
import java.util.Collection;
import java.util.List;

/** Compiles what a pipeline file says of a table into a function. */
public final class Mapping {

    private Mapping() {}

    /**
     * Compiles the mapping from one source table to one target table.
     *
     * @throws IllegalArgumentException if the target does not come from that source table
     */
    public static Compilation compile(ServiceSpec service, TableSpec table, SourceTable source) {
        if (!table.from().contains(source.id())) {
            throw new IllegalArgumentException(table.target() + " does not come from " + source.id());
        }
        return table.mapper().isPresent()
                ? new CustomMappingCompiler(
                                service, table, source, table.mapper().get())
                        .compile()
                : new MappingCompiler(service, table, source).compile();
    }

    /** Compiles every mapping of the service whose source table is given. All problems are found at once. */
    public static ServiceMapping compile(ServiceSpec service, Collection<SourceTable> sources) {
        return compile(service, sources, Baselines.NONE);
    }

    /** The same for mappings that have been begun before. */
    public static ServiceMapping compile(ServiceSpec service, Collection<SourceTable> sources, Baselines baselines) {
        return ServiceMapping.compile(service, sources, baselines);
    }

    /** Tells expressions that can't be read; what they say of columns is looked at when these are known. */
    public static ExpressionChecker expressions() {
        ExpressionCompiler compiler = new ExpressionCompiler(new Documents());
        return (expression, use) -> compiler.problemOfForm(expression.text());
    }

    /** What the file asks of this service's mappings that this version can't do, whatever the sources look like. */
    public static List<MappingProblem> unsupported(ServiceSpec service) {
        return Unsupported.of(service);
    }

    static String path(ServiceSpec service, TableSpec table, TableId source) {
        return Unsupported.path(service, table) + (table.from().size() > 1 ? " (from " + source + ")" : "");
    }
}
