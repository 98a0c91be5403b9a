package io.sluice.control.reconcile;

import java.util.List;

/** Takes rows as they are read, some at a time. */
@FunctionalInterface
interface Batches<T> {

    void take(List<T> batch) throws InterruptedException;
}
