package io.sluice.platform.lifecycle;

/** A part of a process that runs by itself from {@link #start} until {@link #close}. */
public interface Stage extends AutoCloseable {

    /** What it is and works on, {@code source monolith} say. */
    String name();

    /** Begins; returns at once. What goes wrong later shows in {@link #status}. */
    void start();

    StageStatus status();

    /** Stops cleanly within seconds. Idempotent, and legal in every state. */
    @Override
    void close();
}
