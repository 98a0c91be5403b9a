package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Pipeline;
import java.nio.file.Path;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

class StreamsSettingsTest {

    @Test
    void asManyCopiesOfTheStateAreKeptAsTheServiceAsksFor() {
        StreamsConfig settings = StreamsSettings.of(
                "shop.ledger.transform",
                KafkaConnection.of(KafkaSpec.at("none:1"), Pipeline.DEFAULT_MAX_RECORD_BYTES),
                Path.of("state"),
                StreamsSettings.COMMIT_INTERVAL,
                new PolledRecords(StreamsSettings.MAX_POLL_RECORDS),
                2,
                null);

        assertThat(settings.getInt(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG)).isEqualTo(2);
    }
}
