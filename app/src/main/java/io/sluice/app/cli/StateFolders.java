package io.sluice.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes what a process kept for itself alone: all of it can be made again from the topics. */
final class StateFolders {

    private static final Logger LOG = LoggerFactory.getLogger(StateFolders.class);

    private StateFolders() {}

    static void delete(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path each : deepestFirst) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            LOG.warn("Can't remove {}: {}. Remove it by hand when no process uses it.", folder, e.toString());
        }
    }
}
