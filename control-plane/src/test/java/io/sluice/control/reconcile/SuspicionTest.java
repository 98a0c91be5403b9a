package io.sluice.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.control.reconcile.Judgement.Kind;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.TableSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SuspicionTest {

    private static final RowSchema SCHEMA = new RowSchema(
            "t",
            List.of(new Column("id", Simple.INT64, "bigint", false), new Column("n", Simple.INT32, "integer", true)),
            List.of("id"));
    private static final TableSpec TABLE =
            TableSpec.copy(TargetTable.inDefaultSchema("t"), new TableId("s", "public", "t"));

    private final RowMatch match = new RowMatch(TABLE, SCHEMA, SCHEMA);
    private final Suspicion suspicion = new Suspicion(match, new RowKey(List.of(1L)));

    private static Row row(int n) {
        return new Row(SCHEMA, new Object[] {1L, n});
    }

    private static Look.Source asked(String version, int n) {
        return new Look.Source(version, List.of(row(n)), false);
    }

    private static Look.Target found(String version, int n) {
        return new Look.Target(version, row(n), true);
    }

    private Optional<Kind> source(Look.Source look) {
        return suspicion.source(look).map(Judgement::kind);
    }

    private Optional<Kind> target(Look.Target look, boolean applied) {
        return suspicion.target(look, applied, 0).map(Judgement::kind);
    }

    @Test
    void aRowThatArrivesIsEqual() {
        assertThat(source(asked("7", 5))).isEmpty();
        assertThat(target(found("1", 4), false)).isEmpty();
        assertThat(source(asked("7", 5))).isEmpty();
        assertThat(target(found("2", 5), true)).contains(Kind.EQUAL);
    }

    @Test
    void aRowThatIsNotTouchedWhileWhatItsSourceAskedForIsAppliedIsAMismatch() {
        source(asked("7", 5));
        target(found("1", 4), false);
        source(asked("8", 5));
        Optional<Judgement> settled = suspicion.target(found("1", 4), true, 0);
        assertThat(settled).isPresent();
        assertThat(settled.get().kind()).isEqualTo(Kind.MISMATCH);
        assertThat(settled.get().columns()).containsExactly("n");
    }

    @Test
    void aRowThatIsWrittenToBetweenAnyTwoLooksIsMoving() {
        for (int round = 1; round < 5; round++) {
            assertThat(source(asked("s" + round, round))).isEmpty();
            assertThat(target(found("t" + round, round - 1), round > 1)).isEmpty();
        }
        assertThat(suspicion.isMoving()).isTrue();
    }

    @Test
    void withoutVersionsAtTheTargetTheSourceMustStandStill() {
        Look.Target found = new Look.Target("1", row(4), false);
        source(asked("7", 5));
        target(found, false);
        source(asked("7", 5));
        assertThat(target(found, true)).isEmpty();
        assertThat(source(asked("8", 5))).isEmpty();
        assertThat(target(found, true)).isEmpty();
        assertThat(source(asked("8", 5))).contains(Kind.MISMATCH);
    }

    @Test
    void nothingIsSettledWhileChangesAreStillOnTheirWay() {
        for (int round = 0; round < 5; round++) {
            assertThat(source(asked("7", 5))).isEmpty();
            assertThat(target(found("1", 4), false)).isEmpty();
        }
    }

    @Test
    void aRowThatComesAndGoesIsNoExtraOne() {
        source(Look.Source.NOTHING);
        target(found("1", 4), false);
        source(Look.Source.NOTHING);
        // Another version of it: it came, went, and came again in between.
        assertThat(target(found("2", 4), true)).isEmpty();
        assertThat(source(Look.Source.NOTHING)).isEmpty();
        assertThat(target(found("2", 4), true)).contains(Kind.EXTRA);
    }

    @Test
    void aMissingRowIsOneOnceEverythingIsApplied() {
        source(asked("7", 5));
        target(Look.Target.NOTHING, false);
        source(asked("7", 5));
        assertThat(target(Look.Target.NOTHING, true)).isEmpty();
        assertThat(source(asked("7", 5))).contains(Kind.MISSING);
    }

    @Test
    void aRowThatIsGoneFromTheSourceAndWentFromTheTargetIsEqual() {
        source(asked("7", 5));
        target(found("1", 4), false);
        source(Look.Source.NOTHING);
        assertThat(target(Look.Target.NOTHING, true)).contains(Kind.EQUAL);
    }
}
