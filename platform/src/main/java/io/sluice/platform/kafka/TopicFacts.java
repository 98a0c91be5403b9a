package io.sluice.platform.kafka;

import org.apache.kafka.common.Uuid;

/** A topic as the cluster knows it: a topic that is deleted and made again has another id. */
public record TopicFacts(String name, Uuid id, int partitions) {}
