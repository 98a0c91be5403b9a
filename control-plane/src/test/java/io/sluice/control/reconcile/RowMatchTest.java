package io.sluice.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.control.reconcile.Judgement.Kind;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TableSpecBuilder;
import io.sluice.schemas.pipeline.WriteSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowMatchTest {

    private static final long SECOND = 1_000_000;
    private static final Column ID = new Column("id", Simple.INT64, "bigint", false);
    private static final Column NAME = new Column("name", Simple.TEXT, "text", true);
    private static final Column AT = new Column("at", Simple.TIMESTAMPTZ, "timestamp with time zone", true);
    private static final Column GONE = new Column("gone", Simple.BOOLEAN, "boolean", false);
    private static final RowSchema EXPECTED = new RowSchema("t", List.of(ID, NAME, AT), List.of("id"));
    private static final RowSchema ACTUAL = new RowSchema("t", List.of(AT, GONE, NAME, ID), List.of());

    private static TableSpecBuilder table() {
        return TableSpec.builder(TargetTable.inDefaultSchema("t"), new TableId("s", "public", "t"));
    }

    private static RowMatch match(TableSpecBuilder table) {
        return new RowMatch(table.build(), EXPECTED, ACTUAL);
    }

    private static Row expected(String name, @Nullable Long at) {
        return new Row(EXPECTED, new Object[] {1L, name, at});
    }

    private static Row actual(String name, @Nullable Long at, boolean gone) {
        return new Row(ACTUAL, new Object[] {at, gone, name, 1L});
    }

    private static Kind judged(RowMatch match, List<Row> asked, @Nullable Row found) {
        return Judgement.of(match, new Look.Source("", asked, false), new Look.Target("", found, false), 100 * SECOND)
                .kind();
    }

    private static Kind judged(RowMatch match, Row asked, @Nullable Row found) {
        return judged(match, List.of(asked), found);
    }

    @Test
    void columnsAreFoundByTheirNames() {
        RowMatch match = match(table());
        assertThat(match.differing(expected("a", 1L), actual("a", 1L, false))).isEmpty();
        assertThat(match.differing(expected("a", 1L), actual("b", 2L, false))).containsExactly("name", "at");
        assertThat(match.notes()).isEmpty();
    }

    @Test
    void aMarkedRowStandsForADeletedOne() {
        RowMatch match = match(table().deletes(new DeletePolicy.Soft("gone")));
        assertThat(judged(match, List.of(), actual("a", 1L, true))).isEqualTo(Kind.EQUAL);
        assertThat(judged(match, List.of(), actual("a", 1L, false))).isEqualTo(Kind.EXTRA);
        assertThat(match.differing(expected("a", 1L), actual("a", 1L, true))).containsExactly("gone");
    }

    @Test
    void rowsThatStayAreNoDifferenceWhereDeletesAreIgnoredOrRowsAreOnlyAdded() {
        assertThat(judged(match(table().deletes(new DeletePolicy.Ignore())), List.of(), actual("a", 1L, false)))
                .isEqualTo(Kind.ALLOWED);
        assertThat(judged(match(table().write(WriteSpec.appendOnly())), List.of(), actual("a", 1L, false)))
                .isEqualTo(Kind.ALLOWED);
        assertThat(judged(match(table().write(WriteSpec.firstWins())), List.of(), actual("a", 1L, false)))
                .isEqualTo(Kind.EXTRA);
    }

    @Test
    void columnsThatAnUpsertLeavesAloneAreNotComparedAndThatIsSaid() {
        RowMatch match = match(table().write(WriteSpec.upserting(List.of("at"))));
        assertThat(match.differing(expected("a", 1L), actual("b", 1L, false))).isEmpty();
        assertThat(match.differing(expected("a", 1L), actual("b", 2L, false))).containsExactly("at");
        assertThat(match.notes()).singleElement().asString().contains("name").contains("first written");
    }

    @Test
    void aNewerRowStaysWhereTheLastWriteWins() {
        RowMatch match = match(table().conflict(new ConflictSpec(
                ConflictSpec.Resolution.LAST_WRITE_WINS, Optional.of("at"), false, Place.NOWHERE)));
        assertThat(judged(match, expected("a", 1L), actual("b", 2L, false))).isEqualTo(Kind.ALLOWED);
        assertThat(judged(match, expected("a", 2L), actual("b", 2L, false))).isEqualTo(Kind.MISMATCH);
        assertThat(judged(match, expected("a", 2L), actual("b", 1L, false))).isEqualTo(Kind.MISMATCH);
        assertThat(judged(match, expected("a", 2L), actual("b", null, false))).isEqualTo(Kind.MISMATCH);
    }

    @Test
    void aRowThatIsOldEnoughToBeDroppedMayBeMissing() {
        RowMatch match = match(table().hypertable(new HypertableSpec(
                "at",
                Duration.ofDays(1),
                Optional.empty(),
                List.of(),
                Optional.of(Duration.ofSeconds(30)),
                Optional.empty(),
                List.of(),
                Place.NOWHERE)));
        assertThat(judged(match, expected("a", 69 * SECOND), null)).isEqualTo(Kind.ALLOWED);
        assertThat(judged(match, expected("a", 71 * SECOND), null)).isEqualTo(Kind.MISSING);
        assertThat(judged(match, expected("a", 69 * SECOND), actual("b", 69 * SECOND, false)))
                .isEqualTo(Kind.MISMATCH);
    }

    @Test
    void oneOfSeveralRowsThatShareAKeyIsEnough() {
        RowMatch match = match(table());
        List<Row> rows = List.of(expected("a", 1L), expected("b", 1L));
        assertThat(judged(match, rows, actual("b", 1L, false))).isEqualTo(Kind.EQUAL);
        assertThat(judged(match, rows, actual("c", 1L, false))).isEqualTo(Kind.MISMATCH);
    }
}
