package io.sluice.localstack.kafka;

import io.sluice.localstack.LocalServerException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;

/** The formatted log folder, which is where a cluster gets its identity. */
final class Storage {

    private Storage() {}

    /** Formats {@code logs} if that has not been done yet. */
    static String format(Path logs) throws IOException {
        var known = new MetaPropertiesEnsemble.Loader()
                .addLogDirs(List.of(logs.toString()))
                .addMetadataLogDir(logs.toString())
                .load()
                .clusterId();
        if (known.isPresent()) {
            return known.get();
        }
        if (holdsSegments(logs)) {
            // A new identity over old data would let a sink mistake new topics for the ones it knows.
            throw new LocalServerException(
                    "Kafka's folder " + logs
                            + " holds data but its meta.properties is missing. Restore that file, or delete the folder to begin anew");
        }
        String clusterId = Uuid.randomUuid().toString();
        Formatter formatter = new Formatter()
                .setNodeId(BrokerSettings.NODE_ID)
                .setClusterId(clusterId)
                .setControllerListenerName(BrokerSettings.CONTROLLER_LISTENER)
                .setMetadataLogDirectory(logs.toString())
                .addDirectory(logs.toString())
                .setIgnoreFormatted(true)
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            formatter.run();
        } catch (Exception e) {
            throw new LocalServerException("Can't format Kafka's folder " + logs + ": " + e.getMessage(), e);
        }
        return clusterId;
    }

    private static boolean holdsSegments(Path logs) throws IOException {
        try (var entries = Files.list(logs)) {
            return entries.anyMatch(Files::isDirectory);
        }
    }
}
