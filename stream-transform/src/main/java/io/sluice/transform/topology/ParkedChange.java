package io.sluice.transform.topology;

import io.sluice.schemas.model.Bytes;
import java.util.Optional;

/**
 * A change that a transform has parked, read from outside: from the changelog of its state.
 *
 * @param topic the change topic that it came from
 * @param key its record's key
 */
public record ParkedChange(String topic, Bytes key) {

    /** What a record of the changelog tells; empty if it is about something else. */
    public static Optional<ParkedChange> read(byte[] name, byte[] stored) {
        return LetterState.parkedIn(name)
                .map(topic -> new ParkedChange(topic, ParkedRecord.read(stored).key()));
    }

    /** The store whose changelog it is. */
    public static String store() {
        return LetterState.STORE;
    }
}
