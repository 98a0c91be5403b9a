package io.sluice.app.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.wiring.PipelineRun;
import io.sluice.app.wiring.Role;
import io.sluice.platform.pipeline.PipelineReader;
import io.sluice.platform.pipeline.PipelineReport;
import io.sluice.platform.pipeline.PipelineResult;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.transform.mapping.Mapping;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;

/** A pipeline file of a deployment, which must be one that runs. */
final class DeployedPipeline {

    private DeployedPipeline() {}

    static Pipeline read(Path file, Map<String, String> environment) {
        PipelineResult result = new PipelineReader(environment, Mapping.expressions()).read(file);
        assertThat(result.pipeline()).as(PipelineReport.render(result)).isPresent();
        Pipeline pipeline = result.pipeline().orElseThrow();
        assertThat(PipelineRun.isFatal(PipelineRun.refusals(pipeline, EnumSet.allOf(Role.class))))
                .as("it is refused")
                .isFalse();
        assertThat(pipeline.kafka()).as("an image brings no Kafka").isPresent();
        assertThat(pipeline.registry()).as("an image brings no registry").isPresent();
        return pipeline;
    }
}
