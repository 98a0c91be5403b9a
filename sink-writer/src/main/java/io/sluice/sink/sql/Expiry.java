package io.sluice.sink.sql;

import io.sluice.schemas.pipeline.HypertableSpec;
import java.time.Duration;
import java.util.Optional;

/**
 * When rows of a hypertable may be gone because they are old.
 *
 * @param time the column that says how old a row is
 */
record Expiry(String time, Duration age) {

    static Optional<Expiry> of(HypertableSpec hypertable) {
        return hypertable.retain().map(age -> new Expiry(hypertable.time(), age));
    }

    /**
     * Whether a value is that old.
     *
     * @param value an expression of the column's type
     * @param type that type
     */
    String condition(String value, String type) {
        // What has no time zone is dropped by a clock whose zone is not known here: it may be most of a day ahead.
        String slack = type.endsWith("timestamptz\"") ? "" : " + INTERVAL '1 day'";
        return value + " < now() - INTERVAL '" + age.toSeconds() + " seconds'" + slack;
    }
}
