package io.sluice.schemas.pipeline;

import java.util.Objects;
import java.util.Optional;

/**
 * A service's database.
 *
 * @param admin the URL that tables are created with; empty: the writer's own
 * @param reader the URL that comparisons read with; empty: the writer's own
 * @param markOrigin whether what is written is marked with a replication origin
 */
public record TargetSpec(
        Kind kind,
        ConnectionSpec connection,
        Optional<Secret> admin,
        Optional<Secret> reader,
        boolean markOrigin,
        Place place) {

    public TargetSpec {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(connection, "connection");
        Objects.requireNonNull(admin, "admin");
        Objects.requireNonNull(reader, "reader");
        Objects.requireNonNull(place, "place");
    }

    public static TargetSpec postgresql(String url) {
        return of(Kind.POSTGRESQL, url);
    }

    public static TargetSpec timescaledb(String url) {
        return of(Kind.TIMESCALEDB, url);
    }

    private static TargetSpec of(Kind kind, String url) {
        return new TargetSpec(kind, ConnectionSpec.to(url), Optional.empty(), Optional.empty(), false, Place.NOWHERE);
    }

    /** What kind of database. */
    public enum Kind {
        POSTGRESQL,
        TIMESCALEDB
    }
}
