package io.sluice.platform.ops;

/** What a process has to say of itself. Asked by several threads. */
public interface OpsContent {

    /** Whether it does what it is there for. A process that waits or has halted lives, and is not ready. */
    boolean isReady();

    /** In Prometheus' text format. */
    String metrics();

    /** As JSON. */
    String status();
}
