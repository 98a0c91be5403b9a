package io.sluice.transform.mapping.custom;

/** What a mapper threw, without its message: that may hold a value. */
final class Thrown {

    private Thrown() {}

    static String text(Throwable thrown) {
        StackTraceElement[] trace = thrown.getStackTrace();
        return thrown.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]);
    }
}
