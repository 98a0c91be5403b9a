/**
 * How every process talks to Kafka: the settings that all clients share, the topics of a pipeline, and the checks that
 * these are still the topics they were.
 *
 * <p>Topics are created here and nowhere else.
 */
@NullMarked
package io.sluice.platform.kafka;

import org.jspecify.annotations.NullMarked;
