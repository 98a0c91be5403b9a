package io.sluice.platform.lifecycle;

import java.util.Optional;

/** A part of a process that runs by itself from {@link #start} until {@link #close}. */
public interface Stage extends AutoCloseable {

    /** What it is and works on, {@code source monolith} say. */
    String name();

    /** Begins; returns at once. What goes wrong later shows in {@link #status}. */
    void start();

    StageStatus status();

    /** What people have to know of what it does besides its state; empty if nothing. */
    default Optional<String> remark() {
        return Optional.empty();
    }

    /** Stops cleanly within seconds. Idempotent, and legal in every state. */
    @Override
    void close();
}
