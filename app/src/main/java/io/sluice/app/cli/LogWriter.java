package io.sluice.app.cli;

import java.io.Writer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs each line that is written, so that all of a process's lines have one format. */
final class LogWriter extends Writer {

    private static final Logger LOG = LoggerFactory.getLogger(Console.class);

    private final StringBuilder line = new StringBuilder();

    @Override
    public void write(char[] buffer, int from, int count) {
        synchronized (lock) {
            for (int i = from; i < from + count; i++) {
                if (buffer[i] == '\n') {
                    log();
                } else {
                    line.append(buffer[i]);
                }
            }
        }
    }

    private void log() {
        String text = line.toString().stripTrailing();
        line.setLength(0);
        if (!text.isEmpty()) {
            LOG.info("{}", text);
        }
    }

    @Override
    public void flush() {
        // A line is logged when it ends.
    }

    @Override
    public void close() {
        synchronized (lock) {
            log();
        }
    }
}
