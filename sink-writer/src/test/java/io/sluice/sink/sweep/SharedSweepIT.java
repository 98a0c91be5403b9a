package io.sluice.sink.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.schemas.codec.LoadMarker.Kind;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.WriteSpec;
import io.sluice.sink.batch.Write;
import io.sluice.sink.batch.WriteRules;
import io.sluice.sink.sql.Holders;
import io.sluice.sink.sql.TableWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sweeps of a table that two source tables write. */
class SharedSweepIT {

    private static final TargetTable TABLE = TargetTable.inDefaultSchema("events");
    private static final TableId ONE = new TableId("m", "public", "events");
    private static final TableId TWO = new TableId("m", "public", "two");
    private static final RowSchema ROWS = new RowSchema(
            "events",
            List.of(new Column("id", Simple.INT64, "bigint", false), new Column("name", Simple.TEXT, "text", true)),
            List.of("id"));
    private static final WriteRules SHARED = new WriteRules(
            WriteSpec.upsert(), new DeletePolicy.Hard(), ConflictSpec.sourceWins(), Optional.empty(), true);

    private final TableWriter writer = new TableWriter(Map.of(TABLE, SHARED), null, new Holders("p", "s"));
    private SweepRig rig;

    @BeforeEach
    void start() throws SQLException {
        rig = new SweepRig(PostgresServer.shared().freshDatabase("shared_sweep"));
        rig.execute("CREATE TABLE events (id bigint PRIMARY KEY, name text)");
        rig.prepareShared(TABLE, List.of("id"), List.of(ONE, TWO));
    }

    @AfterEach
    void stop() throws SQLException {
        rig.close();
    }

    private static Key key(long id) {
        return new Key(ROWS.keySchema(), new Object[] {id});
    }

    private static List<Key> keys(long from, long to) {
        return LongStream.range(from, to).mapToObj(SharedSweepIT::key).toList();
    }

    private void write(Connection in, TableId source, long from, long to, String name) throws SQLException {
        writer.apply(in, new Write.Holders(TABLE, ROWS.keySchema(), keys(from, to), source.toString(), true));
        writer.apply(
                in,
                new Write.Upserts(
                        TABLE,
                        ROWS,
                        LongStream.range(from, to)
                                .mapToObj(id -> new Row(ROWS, new Object[] {id, name}))
                                .toList(),
                        false));
    }

    private void write(TableId source, long from, long to, String name) throws SQLException {
        try (Connection in = rig.connect()) {
            write(in, source, from, to, name);
            in.commit();
        }
    }

    private void load(long from, long to) throws SQLException {
        rig.mark(TABLE, Kind.BEGIN, "1");
        rig.see(TABLE, "1", keys(from, to));
        rig.mark(TABLE, Kind.END, "1");
    }

    @Test
    void oneThatIsKilledBetweenAnyTwoStepsIsGoneOnWithAndTakesNoRowOfTheOther() throws SQLException {
        write(ONE, 0, 60, "one");
        write(TWO, 40, 100, "two");
        load(0, 10);
        int steps = 0;
        while (true) {
            // The first of each two is lost before its commit.
            try (Connection lost = rig.connect()) {
                rig.sweeper(7).step(lost, rig.topicIds());
                lost.rollback();
            }
            try (Connection own = rig.connect()) {
                boolean done = rig.sweeper(7).step(own, rig.topicIds()).isEmpty();
                own.commit();
                assertThat(rig.query("SELECT count(*) FROM events WHERE id < 10 OR id >= 40"))
                        .containsExactly("70");
                if (done) {
                    break;
                }
                steps++;
            }
        }
        assertThat(steps).isGreaterThan(10);
        assertThat(rig.query("SELECT count(*) FROM events")).containsExactly("70");
        assertThat(rig.query("SELECT count(*) FROM sluice.holders_1 h JOIN sluice.source s ON s.number = h.source "
                        + "WHERE s.name = '" + ONE + "'"))
                .containsExactly("10");
        assertThat(rig.query("SELECT state || ' ' || swept FROM sluice.load")).containsExactly("done 30");
    }

    @Test
    void aRowThatTheOtherTableGetsWhileItsSweepIsUnderWayStays() throws SQLException {
        write(ONE, 0, 10, "one");
        load(0, 5);
        Sweeper sweeper = rig.sweeper(100);
        try (Connection other = rig.connect();
                Connection own = rig.connect()) {
            write(other, TWO, 7, 8, "two");
            assertThatThrownBy(() -> sweeper.step(own, rig.topicIds()))
                    .as("it waits for whoever writes")
                    .isInstanceOfSatisfying(SQLException.class, refused -> assertThat(sweeper.takes(refused))
                            .isTrue());
            own.rollback();
            other.commit();
        }
        assertThat(rig.sweep(sweeper)).isEqualTo(4);
        assertThat(rig.query("SELECT id || name FROM events WHERE id >= 5")).containsExactly("7two");
    }

    @Test
    void aRowThatCannotBeDeletedYetIsStillItsTablesUntilItIs() throws SQLException {
        write(ONE, 0, 10, "one");
        write(TWO, 20, 30, "two");
        rig.execute("CREATE TABLE notes (event bigint REFERENCES events)");
        rig.execute("INSERT INTO notes VALUES (8)");
        load(0, 5);
        assertThat(rig.sweep(rig.sweeper(4))).isEqualTo(4);
        assertThat(rig.query("SELECT s.name FROM sluice.holders_1 h JOIN sluice.source s ON s.number = h.source "
                        + "WHERE h.k1 = 8"))
                .containsExactly(ONE.toString());
        rig.execute("DELETE FROM notes");
        rig.execute("UPDATE sluice.load SET rests_to = '-infinity'");
        assertThat(rig.sweep(rig.sweeper(4))).isEqualTo(1);
        assertThat(rig.query("SELECT count(*) FROM events")).containsExactly("15");
    }

    @Test
    void rowsOfATableThatIsNoSourceAnyMoreAreNobodysAndGoWithTheFirstDeletion() throws SQLException {
        write(ONE, 0, 2, "one");
        write(TWO, 1, 3, "two");
        rig.prepareShared(TABLE, List.of("id"), List.of(ONE, new TableId("m", "public", "three")));
        assertThat(rig.query("SELECT count(*) FROM sluice.holders_1")).containsExactly("2");
        load(0, 0 + 1);
        assertThat(rig.sweep(rig.sweeper(100)))
                .as("what nobody has is not swept")
                .isEqualTo(1);
        assertThat(rig.query("SELECT id FROM events ORDER BY id")).containsExactly("0", "2");
    }
}
