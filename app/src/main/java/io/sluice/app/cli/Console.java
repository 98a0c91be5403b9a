package io.sluice.app.cli;

import java.io.PrintWriter;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Where a command prints: results to {@code out}, everything about how it went to {@code err}.
 *
 * @param terminal whether a person is watching, so that lines may be drawn over
 */
public record Console(PrintWriter out, PrintWriter err, boolean terminal) {

    /** As the log writes it, for these lines stand among the log's. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT);

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

    /** Says what happens, with its time. */
    void tell(String line) {
        err.println(LocalDateTime.now(ZoneId.systemDefault()).format(TIME) + "       " + line);
    }

    private static boolean isTerminal(java.io.Console console) {
        try {
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException olderJava) {
            return true;
        }
    }
}
