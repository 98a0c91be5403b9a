package io.sluice.source.mongo;

import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Up to where everything is in Kafka.
 *
 * @param token where the stream goes on; null where it is to begin at the time, whose events are in Kafka or older than any load
 * @param time the cluster time that is over
 * @param order the last position's place in it
 */
record MongoOffset(@Nullable BsonDocument token, long time, long order, long committedAtMicros) {}
