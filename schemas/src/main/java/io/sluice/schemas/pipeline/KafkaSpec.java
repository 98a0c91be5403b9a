package io.sluice.schemas.pipeline;

import java.util.Map;
import java.util.Objects;

/**
 * The Kafka cluster.
 *
 * @param bootstrap {@code host:port,…}
 * @param security Kafka's own client properties for encryption and authentication, {@code sasl.jaas.config} and the like
 */
public record KafkaSpec(String bootstrap, Map<String, Secret> security, Place place) {

    public KafkaSpec {
        Objects.requireNonNull(bootstrap, "bootstrap");
        security = InOrder.copy(security);
        Objects.requireNonNull(place, "place");
    }

    public static KafkaSpec at(String bootstrap) {
        return new KafkaSpec(bootstrap, Map.of(), Place.NOWHERE);
    }
}
