package io.sluice.source.capture;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps how long the server would hold the history that a source still needs, were the source to stop now, and warns when that
 * becomes short: once, and again only after it was longer for a while. Belongs to one thread.
 */
public final class TimeToLoss {

    private static final Logger LOG = LoggerFactory.getLogger(TimeToLoss.class);

    /** Less than it may take until somebody has come and mended what stopped the source. */
    private static final Duration SHORT = Duration.ofHours(1);
    /** Nothing is said of how long a server that hardly writes would take. */
    private static final Duration LONGEST = Duration.ofDays(3_650);

    private final String source;
    private final String remedy;
    private final Consumer<Optional<Duration>> board;
    private boolean warned;

    /**
     * @param remedy what makes it longer
     * @param board where it is shown
     */
    public TimeToLoss(String source, String remedy, Consumer<Optional<Duration>> board) {
        this.source = source;
        this.remedy = remedy;
        this.board = board;
    }

    /** A time of so many seconds; empty if it is too long to be told. */
    public static Optional<Duration> ofSeconds(double seconds) {
        return seconds < LONGEST.toSeconds()
                ? Optional.of(Duration.ofSeconds((long) Math.max(0, seconds)))
                : Optional.empty();
    }

    /** @param left empty where nobody knows, or nothing is ever removed */
    public void observe(Optional<Duration> left) {
        board.accept(left);
        boolean isShort = left.isPresent() && left.get().compareTo(SHORT) < 0;
        if (isShort && !warned) {
            warned = true;
            LOG.warn(
                    "Were source {} to stop now, the server would remove changes that it still needs in {} seconds. {}",
                    source,
                    left.get().toSeconds(),
                    remedy);
        } else if (warned
                && !isShort
                && left.map(time -> time.compareTo(SHORT.multipliedBy(2)) > 0).orElse(true)) {
            warned = false;
        }
    }
}
