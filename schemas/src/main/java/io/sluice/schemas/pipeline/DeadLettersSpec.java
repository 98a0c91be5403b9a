package io.sluice.schemas.pipeline;

/**
 * How much may be wrong with a service's data before its pipeline is held to be wrong, and the service stops. All of it counts in
 * each partition by itself.
 *
 * @param most how many of the last {@code of} records may be dead letters
 * @param parked how many records may wait behind a dead letter of their key
 * @param parkedBytes how large these may be together; they are kept in memory
 */
public record DeadLettersSpec(int most, int of, int parked, long parkedBytes) {

    public static final DeadLettersSpec DEFAULT = new DeadLettersSpec(50, 1000, 10_000, 32L << 20);

    public DeadLettersSpec {
        if (most < 1 || of < most || parked < 1 || parkedBytes < 1) {
            throw new IllegalArgumentException(
                    "a limit of dead letters is at least one, and of no more than there are");
        }
    }
}
