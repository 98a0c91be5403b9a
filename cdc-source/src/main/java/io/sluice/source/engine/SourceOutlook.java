package io.sluice.source.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a source's server says of our capture, at one moment.
 *
 * @param followed whether somebody reads its log for us now; empty where the server does not tell
 * @param nowMicros the time, by the source's clock
 * @param logEnd how far its log has been written, in whatever it counts
 * @param bytesBehind of the log that are to be read yet; empty where the server does not count them
 * @param bytesLeft that may be written before it removes what we still need; empty: it keeps all, or does not tell
 * @param timeToLoss how long that will take; empty where it is to be reckoned from the bytes, or nobody knows
 */
public record SourceOutlook(
        Optional<Boolean> followed,
        long nowMicros,
        long logEnd,
        OptionalLong bytesBehind,
        OptionalLong bytesLeft,
        Optional<Duration> timeToLoss) {}
