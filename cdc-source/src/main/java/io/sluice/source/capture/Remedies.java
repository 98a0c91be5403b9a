package io.sluice.source.capture;

import io.sluice.schemas.model.TableId;

/** The commands that messages tell people to run. */
public final class Remedies {

    private Remedies() {}

    /** Starts a source afresh. */
    public static String newEpoch(String source) {
        return "`sluice run FILE --new-epoch " + source + "`";
    }

    /** Reads one table again while the others go on. */
    public static String backfill(TableId table) {
        return "`sluice backfill FILE --table " + table + "`";
    }
}
