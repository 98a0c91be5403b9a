package io.sluice.app.cli;

import io.sluice.app.wiring.SampleReader;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.transform.mapping.Compilation;
import io.sluice.transform.mapping.CompiledMapping;
import io.sluice.transform.mapping.Mapping;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice preview FILE --table SERVICE.TABLE}. */
@Command(
        name = "preview",
        mixinStandardHelpOptions = true,
        description = {
            "Reads a few rows of the real source and shows what a table's mapping makes of each, or why it rejects it.",
            "Writes nothing anywhere: no topic, no slot, no table. Shows the rows' values."
        })
final class PreviewCommand implements Callable<Integer> {

    private static final int MOST_ROWS = 1000;

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private PipelineFile file = new PipelineFile();

    @Option(
            names = "--table",
            paramLabel = "SERVICE.TABLE",
            required = true,
            description = "A table of a service, as the pipeline file names both.")
    private String table = "";

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "How many rows of each of its source tables. Default: 10")
    private int limit = 10;

    @Option(names = "--json", description = "Print rows and results as JSON.")
    private boolean json;

    PreviewCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (limit < 1 || limit > MOST_ROWS) {
            throw new ParameterException(spec.commandLine(), "--limit is from 1 to " + MOST_ROWS);
        }
        Optional<Pipeline> pipeline = file.pipeline(console);
        if (pipeline.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        ServiceSpec service = service(pipeline.get());
        TableSpec wanted = service.tables().stream()
                .filter(each -> table.equals(service.name() + "." + each.target()))
                .findFirst()
                .orElseThrow(() -> unknown("service " + service.name() + " has no table "
                        + table.substring(service.name().length() + 1)));
        PreviewReport report = new PreviewReport();
        for (TableId from : wanted.from()) {
            SourceSpec source = pipeline.get().sources().stream()
                    .filter(each -> each.name().equals(from.source()))
                    .findFirst()
                    .orElseThrow();
            SampleReader.Sample sample = new SampleReader(source).read(from, limit);
            Compilation compilation = Mapping.compile(service, wanted, sample.table());
            if (compilation instanceof Compilation.Refused refused) {
                refused.problems().forEach(console.err()::println);
                console.err().flush();
                return ExitCode.BAD_INPUT.number();
            }
            map(((Compilation.Compiled) compilation).mapping(), sample, report);
        }
        console.out().print(json ? report.json() : report.text());
        console.out().flush();
        return ExitCode.DONE.number();
    }

    private ServiceSpec service(Pipeline pipeline) {
        List<ServiceSpec> services = pipeline.services();
        return services.stream()
                .filter(each -> table.startsWith(each.name() + "."))
                .findFirst()
                .orElseThrow(() -> unknown("--table is SERVICE.TABLE; the services here: "
                        + String.join(
                                ", ", services.stream().map(ServiceSpec::name).toList())));
    }

    private ParameterException unknown(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static void map(CompiledMapping mapping, SampleReader.Sample sample, PreviewReport report) {
        Provenance provenance = new Provenance(new Position(1, 0, 0), 0, null, Provenance.Kind.SNAPSHOT);
        for (Row row : sample.rows()) {
            Change change = new Change.Upserted(
                    sample.table().id(), row.key(sample.table().row().keySchema()), row, null, provenance);
            report.add(sample.table().id(), row, mapping.apply(change));
        }
    }
}
