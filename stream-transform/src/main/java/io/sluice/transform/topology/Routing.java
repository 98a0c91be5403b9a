package io.sluice.transform.topology;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.ChangeDecoder;
import io.sluice.schemas.codec.DecoderCache;
import io.sluice.schemas.codec.KeyEncoder;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.RowEncoder;
import io.sluice.schemas.codec.RowSchemas;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.topic.Names;
import io.sluice.transform.mapping.Baselines;
import io.sluice.transform.mapping.Compilation;
import io.sluice.transform.mapping.CompiledMapping;
import io.sluice.transform.mapping.Mapping;
import io.sluice.transform.mapping.MappingProblem;
import io.sluice.transform.mapping.SourceTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.kafka.common.utils.Bytes;

/**
 * Compiles the way of a service's changes, once for each schema they are written with. What a table looks like is learnt from
 * that schema, so a mapping always fits the record at hand. Belongs to one thread.
 */
final class Routing implements DecoderCache.Compiler<ChangeInput> {

    private final ServiceTopics topics;
    private final ServiceSpec service;
    private final SchemaStore schemas;
    private final TransformMeters meters;
    private final Baselines baselines;
    private final Map<Output, RowOutput> outputs = new HashMap<>();

    /** Two shapes of a source table often give one shape of a target table. */
    private record Output(TableId source, TargetTable table, RowSchema row) {}

    Routing(Names names, ServiceSpec service, SchemaStore schemas, TransformMeters meters, Baselines baselines) {
        this.baselines = baselines;
        this.topics = new ServiceTopics(names, service);
        this.service = service;
        this.schemas = schemas;
        this.meters = meters;
    }

    @Override
    public ChangeInput compile(Schema writer) throws MalformedRecordException {
        ChangeDecoder decoder = new ChangeDecoder(writer);
        SourceTable source = new SourceTable(decoder.table(), decoder.schema(), decoder.wholeBefore());
        List<ChangeInput.Route> routes = new ArrayList<>();
        List<MappingProblem> problems = new ArrayList<>();
        for (TableSpec table : service.tables()) {
            if (!table.from().contains(source.id())) {
                continue;
            }
            SourceTable seen = baselines.seenBy(table.target(), source);
            Compilation compilation = Mapping.compile(service, table, seen);
            if (compilation instanceof Compilation.Compiled compiled) {
                routes.add(new ChangeInput.Route(
                        compiled.mapping(),
                        output(compiled.mapping()),
                        name(source.id(), table.target()),
                        table.deletes() instanceof DeletePolicy.Hard,
                        DriftWatch.begin(table, seen, compiled.drift(), meters)));
            } else if (compilation instanceof Compilation.Refused refused) {
                problems.addAll(refused.problems());
            }
        }
        if (!problems.isEmpty()) {
            throw new HaltException(
                    "TABLE_UNMAPPABLE",
                    "changes of " + source.id() + " can't be mapped as the file says: "
                            + problems.stream().map(MappingProblem::toString).collect(Collectors.joining("; ")),
                    null,
                    "Mend the file, or the source table where its shape has changed, and start again.");
        }
        return new ChangeInput(
                topics.changes(source.id()), decoder, List.copyOf(routes), meters.changesOf(source.id()));
    }

    /** A zero character stands in no name, so none is the beginning of another. */
    private static Bytes name(TableId source, TargetTable target) {
        String name = String.join(
                "\0", source.source(), source.schema(), source.table(), target.schema(), target.table(), "");
        return Bytes.wrap(name.getBytes(StandardCharsets.UTF_8));
    }

    private RowOutput output(CompiledMapping mapping) {
        Output wanted = new Output(mapping.source(), mapping.table(), mapping.target());
        RowOutput output = outputs.get(wanted);
        if (output == null) {
            output = register(mapping);
            outputs.put(wanted, output);
        }
        return output;
    }

    private RowOutput register(CompiledMapping mapping) {
        String namespace = topics.namespace(mapping.table());
        Schema key = RowSchemas.keyRecord(mapping.keySchema(), namespace);
        Schema row = RowSchemas.record(mapping.target(), namespace);
        int keyId = schemas.register(topics.keySubject(mapping.table(), key), key);
        int rowId = schemas.register(topics.valueSubject(mapping.table(), row), row);
        return new RowOutput(
                topics.rows(mapping.table()),
                topics.header(mapping.table()),
                topics.source(mapping.table(), mapping.source()),
                new KeyEncoder(mapping.keySchema(), namespace, keyId),
                new RowEncoder(mapping.target(), namespace, rowId),
                meters.rowsOf(mapping.table()));
    }
}
