package io.sluice.app.cli;

import io.sluice.platform.pipeline.PipelineReader;
import io.sluice.platform.pipeline.PipelineReport;
import io.sluice.platform.pipeline.PipelineResult;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.transform.mapping.Mapping;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Parameters;

/** The argument FILE, mixed into each command that has one. */
class PipelineFile {

    @Parameters(index = "0", paramLabel = "FILE", description = "The pipeline file.")
    private Path path = Path.of("pipeline.yaml");

    PipelineResult read() {
        return new PipelineReader(System.getenv(), Mapping.expressions()).read(path);
    }

    /** The pipeline; empty where the file is wrong, and then what is wrong has been printed. */
    Optional<Pipeline> pipeline(Console console) {
        PipelineResult result = read();
        if (result.pipeline().isEmpty()) {
            console.err().print(PipelineReport.render(result));
            console.err().flush();
        }
        return result.pipeline();
    }

    /** The folder that is the file's own, beside it. */
    Path stateFolder() {
        return path.toAbsolutePath().resolveSibling(".sluice");
    }
}
