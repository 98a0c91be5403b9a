package io.sluice.app.cli;

import io.sluice.app.wiring.Audited;
import io.sluice.app.wiring.Servers;
import io.sluice.platform.error.ExitCode;
import io.sluice.platform.intent.Part;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which part of a pipeline is to be paused or resumed, and how that is done; mixed into both commands. */
final class PartOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--source", paramLabel = "SOURCE", description = "A source: nothing is read from it.")
    private @Nullable String source;

    @Option(names = "--service", paramLabel = "SERVICE", description = "A service: nothing is written to its target.")
    private @Nullable String service;

    @Option(
            names = "--table",
            paramLabel = "SERVICE.TABLE",
            description =
                    "One table of a service, as the pipeline file names both; not of a strong one, whose tables change"
                            + " together.")
    private @Nullable String table;

    int carryOut(Console console, PipelineFile file, String action, String reason) throws InterruptedException {
        if (reason.isBlank()) {
            throw new ParameterException(spec.commandLine(), "--reason says why, for whoever looks later");
        }
        Optional<Pipeline> read = file.pipeline(console);
        if (read.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        Part part = part(read.get());
        try (Servers servers = Servers.open(read.get(), file.stateFolder())) {
            Audited audited = new Audited(read.get(), file.stateFolder(), reason);
            if (action.equals("pause")) {
                audited.pause(servers.kafka(), part);
            } else {
                audited.resume(servers.kafka(), part);
            }
        }
        console.out()
                .println(part + ": asked to " + action + "; running processes do so at once, others when they start");
        console.out().flush();
        return ExitCode.DONE.number();
    }

    private Part part(Pipeline pipeline) {
        long given =
                Stream.of(source, service, table).filter(each -> each != null).count();
        if (given != 1) {
            throw new ParameterException(spec.commandLine(), "one of --source, --service and --table says what");
        }
        if (source != null) {
            List<String> names =
                    pipeline.sources().stream().map(each -> each.name()).toList();
            return Part.source(known("source", source, names));
        }
        if (service != null) {
            List<String> names =
                    pipeline.services().stream().map(ServiceSpec::name).toList();
            return Part.service(known("service", service, names));
        }
        return table(pipeline, String.valueOf(table));
    }

    private Part table(Pipeline pipeline, String name) {
        for (ServiceSpec of : pipeline.services()) {
            for (TableSpec each : of.tables()) {
                if (name.equals(of.name() + "." + each.target())) {
                    if (of.isStrong()) {
                        throw new ParameterException(
                                spec.commandLine(),
                                "the tables of " + of.name() + " change together, for it is strong: pause the service");
                    }
                    return Part.table(of.name(), each.target().toString());
                }
            }
        }
        throw new ParameterException(
                spec.commandLine(),
                "no service of this pipeline has a table " + name + "; SERVICE.TABLE is one of "
                        + String.join(
                                ", ",
                                pipeline.services().stream()
                                        .flatMap(
                                                of -> of.tables().stream().map(each -> of.name() + "." + each.target()))
                                        .toList()));
    }

    private String known(String kind, String name, List<String> names) {
        if (!names.contains(name)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "this pipeline has no " + kind + " " + name + "; there are " + String.join(", ", names));
        }
        return name;
    }
}
