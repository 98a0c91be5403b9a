package io.sluice.source.capture;

/** One attempt to capture a source. Run once, by one thread; closed by any. */
public interface CaptureSession extends AutoCloseable {

    /** Captures until it fails, is closed, or wants a successor; each of these may end it with an exception. */
    void run() throws Exception;

    /** Whether this session has fenced every other. */
    boolean wasOwner();

    /** Whether the new epoch that was asked for is under way, so that the next session goes on with it. */
    boolean hasBegunEpoch();

    /** Whether it ended to be followed by another at once. */
    default boolean wantsSuccessor() {
        return false;
    }

    /** The failure that another thread found, or else this one. */
    default Exception causeOr(Exception other) {
        return other;
    }

    /** Ends it, and releases what it holds. Idempotent. */
    @Override
    void close();
}
