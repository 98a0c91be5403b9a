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

    /** The same order and the same upper case on every machine, whatever locales it has. */
    private static final List<String> BUILT_IN_LOCALE =
            List.of("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8");

    private static final List<String> C_LOCALE = List.of("--locale=C");
    private static final int FIRST_WITH_BUILT_IN_LOCALE = 17;

    static Distribution of(String name, int version, Path bin, Map<String, String> settings) {
        return new Distribution(name, bin, version < FIRST_WITH_BUILT_IN_LOCALE ? C_LOCALE : BUILT_IN_LOCALE, settings);
    }

    Distribution {
        initdb = List.copyOf(initdb);
        settings = Map.copyOf(settings);
    }
}
