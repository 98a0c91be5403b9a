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
 * @param logged whether what goes to {@code err} is logged, and so gets its time from there
 */
public record Console(PrintWriter out, PrintWriter err, boolean terminal, boolean logged) {

    /** Of the environment: `text`, or `json` for those who collect logs. */
    static final String FORMAT = "SLUICE_LOG_FORMAT";

    /** As the log writes it, for these lines stand among the log's. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT);

    public Console(PrintWriter out, PrintWriter err, boolean terminal) {
        this(out, err, terminal, false);
    }

    /** The process's own. */
    @SuppressWarnings("SystemConsoleNull")
    static Console ofProcess() {
        boolean json = "json".equals(System.getenv(FORMAT));
        // System.console() is there exactly if both input and output are a terminal; JDK 22 and later need the second
        // question.
        java.io.Console console = System.console();
        boolean terminal = console != null && !"dumb".equals(System.getenv("TERM")) && isTerminal(console);
        return new Console(
                new PrintWriter(System.out, true, java.nio.charset.StandardCharsets.UTF_8),
                json
                        ? new PrintWriter(new LogWriter(), true)
                        : new PrintWriter(System.err, true, java.nio.charset.StandardCharsets.UTF_8),
                terminal && !json,
                json);
    }

    /** Says what happens, with its time. */
    void tell(String line) {
        err.println(logged ? line : LocalDateTime.now(ZoneId.systemDefault()).format(TIME) + "       " + line);
    }

    private static boolean isTerminal(java.io.Console console) {
        try {
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException olderJava) {
            return true;
        }
    }
}
