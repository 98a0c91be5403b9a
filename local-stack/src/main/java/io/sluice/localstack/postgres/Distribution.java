package io.sluice.localstack.postgres;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where a server's programs are and what it needs to be told.
 *
 * @param initdb arguments for {@code initdb} beyond the usual
 * @param settings server settings beyond the usual
 */
record Distribution(String name, Path bin, List<String> initdb, Map<String, String> settings) {

    Distribution {
        initdb = List.copyOf(initdb);
        settings = Map.copyOf(settings);
    }
}
