package io.sluice.sink.parking;

import io.sluice.schemas.pipeline.DeadLettersSpec;
import java.util.List;

/**
 * That a service goes on past rows which its target refuses, and how. A service that skips nothing has none of it: this is the
 * one switch between the two.
 *
 * @param deadLetters the topic of its letters
 * @param requests the topic of what operators ask
 * @param goesOn whether a change that says all of its row need not wait for what is held of its key
 * @param changes the topics that its transform reads
 * @param transform the consumer group of its transform
 */
public record ParkingSpec(
        DeadLettersSpec limits,
        String deadLetters,
        String requests,
        boolean goesOn,
        List<String> changes,
        String transform) {

    public ParkingSpec {
        changes = List.copyOf(changes);
    }
}
