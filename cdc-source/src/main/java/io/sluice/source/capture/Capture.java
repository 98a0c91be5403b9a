package io.sluice.source.capture;

import io.sluice.platform.error.EnvironmentException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a {@link CaptureLoop} has to know of the kind of source it runs. */
public interface Capture {

    /**
     * A session that has done nothing yet.
     *
     * @param newEpoch whether to start afresh, whatever is stored
     * @param running to be told once the source is being read
     */
    CaptureSession session(boolean newEpoch, Runnable running);

    /** The instance that wrote into the state topic last; null if nobody has. */
    @Nullable
    String owner();

    /** The boundary up to which everything is stored: a session that moved it was no failure from the start. */
    long boundary();

    /** What a failure says if it is the source's own; empty for any other. */
    Optional<EnvironmentException> unreachable(Throwable failure);
}
