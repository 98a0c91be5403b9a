package io.sluice.app.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The argument FILE of a command that meets running servers and stages, and where these keep their data. */
final class RunningPipeline extends PipelineFile {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Where embedded servers and running stages keep what is theirs; the same for all commands on one FILE. "
                            + "Default: .sluice beside it.")
    private @Nullable Path data;

    @Override
    Path stateFolder() {
        return data == null ? super.stateFolder() : data.toAbsolutePath();
    }
}
