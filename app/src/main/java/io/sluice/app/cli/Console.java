package io.sluice.app.cli;

import java.io.PrintWriter;

/**
 * Where a command prints: results to {@code out}, everything about how it went to {@code err}.
 *
 * @param terminal whether a person is watching, so that lines may be drawn over
 */
public record Console(PrintWriter out, PrintWriter err, boolean terminal) {

    /** The process's own. */
    @SuppressWarnings("SystemConsoleNull")
    static Console ofProcess() {
        // System.console() is there exactly if both input and output are a terminal; JDK 22 and later need the second
        // question.
        java.io.Console console = System.console();
        boolean terminal = console != null && !"dumb".equals(System.getenv("TERM")) && isTerminal(console);
        return new Console(
                new PrintWriter(System.out, true, java.nio.charset.StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, java.nio.charset.StandardCharsets.UTF_8),
                terminal);
    }

    private static boolean isTerminal(java.io.Console console) {
        try {
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException olderJava) {
            return true;
        }
    }
}
