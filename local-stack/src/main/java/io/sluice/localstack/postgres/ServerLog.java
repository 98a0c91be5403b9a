package io.sluice.localstack.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** What the server wrote about why it did not start. */
final class ServerLog {

    private static final int LIMIT_BYTES = 64 << 10;

    private ServerLog() {}

    /** The first fatal line since {@code start}, or else the last line, or else that there is none. */
    static String reason(Path log, long start) {
        List<String> lines = since(log, start);
        return lines.stream()
                .filter(line -> line.contains("could not bind"))
                .findFirst()
                .or(() -> lines.stream()
                        .filter(line -> line.contains("FATAL:") || line.contains("PANIC:") || line.contains("error:"))
                        .findFirst())
                .or(() -> lines.stream().reduce((first, second) -> second))
                .orElse("it wrote no reason");
    }

    private static List<String> since(Path log, long start) {
        try (FileChannel channel = FileChannel.open(log)) {
            ByteBuffer buffer = ByteBuffer.allocate(LIMIT_BYTES);
            channel.read(buffer, start);
            return StandardCharsets.UTF_8
                    .decode(buffer.flip())
                    .toString()
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
