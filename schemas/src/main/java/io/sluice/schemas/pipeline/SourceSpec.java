package io.sluice.schemas.pipeline;

import io.sluice.schemas.model.TableId;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A database that changes are read from.
 *
 * @param heartbeat how often an idle source is made to move its position
 * @param origins whether changes that another replication wrote are read too
 * @param snapshotWorkers connections that a first load reads with; empty: chosen by the stage
 * @param expected tables that some service must read
 * @param ignored tables that no service needs to read
 */
public record SourceSpec(
        String name,
        Kind kind,
        ConnectionSpec connection,
        Duration heartbeat,
        Origins origins,
        OptionalInt snapshotWorkers,
        List<ExpectedTable> expected,
        List<TableId> ignored,
        Place place) {

    public static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(10);

    public SourceSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(connection, "connection");
        Objects.requireNonNull(heartbeat, "heartbeat");
        Objects.requireNonNull(origins, "origins");
        Objects.requireNonNull(snapshotWorkers, "snapshotWorkers");
        expected = List.copyOf(expected);
        ignored = List.copyOf(ignored);
        Objects.requireNonNull(place, "place");
    }

    public static SourceSpec postgresql(String name, String url) {
        return of(name, Kind.POSTGRESQL, url);
    }

    public static SourceSpec mongodb(String name, String url) {
        return of(name, Kind.MONGODB, url);
    }

    private static SourceSpec of(String name, Kind kind, String url) {
        return new SourceSpec(
                name,
                kind,
                ConnectionSpec.to(url),
                DEFAULT_HEARTBEAT,
                Origins.ALL,
                OptionalInt.empty(),
                List.of(),
                List.of(),
                Place.NOWHERE);
    }

    /** What kind of database. */
    public enum Kind {
        POSTGRESQL,
        MONGODB
    }

    /**
     * Whose writes are read. A replication that applies changes may name itself, and its transactions then carry its origin;
     * those of ordinary clients carry none.
     *
     * @param localOnly whether everything that carries an origin is left out
     * @param excluded origins, by name, that are left out
     */
    public record Origins(boolean localOnly, Set<String> excluded) {

        public static final Origins ALL = new Origins(false, Set.of());
        /** Only those of the database's own clients: what a replication wrote is left out. */
        public static final Origins LOCAL = new Origins(true, Set.of());

        public Origins {
            excluded = Set.copyOf(excluded);
        }

        public static Origins allBut(Collection<String> names) {
            return new Origins(false, Set.copyOf(names));
        }

        /** @param origin the name that a transaction carries; empty where it has been dropped since */
        public boolean excludes(Optional<String> origin) {
            return localOnly || origin.filter(excluded::contains).isPresent();
        }
    }

    /**
     * A table that must be read.
     *
     * @param owner the service that must read it; empty: any
     */
    public record ExpectedTable(TableId table, Optional<String> owner, Place place) {

        public ExpectedTable {
            Objects.requireNonNull(table, "table");
            Objects.requireNonNull(owner, "owner");
            Objects.requireNonNull(place, "place");
        }
    }
}
