package io.sluice.sink.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.TransactionMarker;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Batches of whole transactions. */
class OrderedBatchTest {

    private static final TargetTable PARENTS = TargetTable.inDefaultSchema("parents");
    private static final TargetTable CHILDREN = TargetTable.inDefaultSchema("children");
    private static final RowPartition P = new RowPartition("rows", 0);
    private static final RowSchema SCHEMA = new RowSchema(
            "t",
            List.of(new Column("id", Simple.INT64, "bigint", false), new Column("v", Simple.TEXT, "text", true)),
            List.of("id"));

    private final TransactionTally tally = new TransactionTally();
    private Batch batch = batch(Origins.NONE, false);
    private long offset;

    private Batch batch(Origins applied, boolean inOrder) {
        return new Batch(Map.of(P, applied), Map.of(), Set.of(), Map.of(), tally, inOrder);
    }

    private Origin origin() {
        return new Origin("changes", 0, offset, 0);
    }

    private static Provenance provenance(Provenance.Kind kind) {
        return new Provenance(new Position(1, 1, 1), 1, null, kind);
    }

    private void begin(String name) {
        batch.add(P, offset, TransactionMarker.begin(name, new Position(1, 1, 0), 1), origin());
        offset++;
    }

    private void end(String name, long rows) {
        TransactionMarker end =
                TransactionMarker.begin(name, new Position(1, 1, 0), 1).end(new Position(1, 2, 0), rows);
        batch.add(P, offset, end, origin());
        offset++;
    }

    private void upsert(TargetTable table, long id, Object value, Provenance.Kind kind) {
        Row row = new Row(SCHEMA, new Object[] {id, value});
        Key key = row.key(SCHEMA.keySchema());
        batch.add(new Incoming(P, offset, new RowChange.Upsert(table, key, row, provenance(kind)), origin()));
        offset++;
    }

    private void upsert(TargetTable table, long id, Object value) {
        upsert(table, id, value, Provenance.Kind.STREAM);
    }

    private void delete(TargetTable table, long id) {
        Key key = new Key(SCHEMA.keySchema(), new Object[] {id});
        RowChange change = new RowChange.Delete(table, key, provenance(Provenance.Kind.STREAM));
        batch.add(new Incoming(P, offset, change, origin()));
        offset++;
    }

    private void truncate(TargetTable table) {
        batch.addEmptying(P, offset, table, null, provenance(Provenance.Kind.STREAM), origin());
        offset++;
    }

    /** Each write in a word: what it does, in which table, to how many rows. */
    private List<String> writes(WriteOrder order) {
        List<String> words = new ArrayList<>();
        for (Write write : batch.writes(List.of(PARENTS, CHILDREN), order)) {
            words.add(write.getClass().getSimpleName() + " " + write.table().table() + " " + write.size());
        }
        return words;
    }

    private void assertTorn(Runnable what) {
        assertThatThrownBy(what::run).isInstanceOf(HaltException.class).hasMessageContaining("TRANSACTION_TORN");
        offset++;
    }

    @Test
    void severalTransactionsBecomeOneWriteATable() {
        begin("a");
        upsert(CHILDREN, 1, "x");
        upsert(PARENTS, 1, "x");
        end("a", 2);
        begin("b");
        upsert(PARENTS, 1, "y");
        upsert(PARENTS, 2, "y");
        end("b", 2);
        tally.requireWhole(P);
        assertThat(writes(WriteOrder.UPSERTS_FIRST)).containsExactly("Upserts parents 2", "Upserts children 1");
    }

    @Test
    void aCountThatDoesNotMatchIsRefused() {
        begin("a");
        upsert(PARENTS, 1, "x");
        assertTorn(() -> end("a", 2));
    }

    @Test
    void whatStandsOnTheWrongSideOfABoundIsRefused() {
        assertTorn(() -> upsert(PARENTS, 1, "x"));
        upsert(PARENTS, 1, "x", Provenance.Kind.SNAPSHOT);
        assertTorn(() -> end("a", 1));
        begin("a");
        assertTorn(() -> upsert(PARENTS, 1, "x", Provenance.Kind.SNAPSHOT));
        assertTorn(() -> begin("b"));
        upsert(PARENTS, 1, "x");
        assertTorn(() -> end("b", 1));
        assertTorn(() -> tally.requireWhole(P));
    }

    @Test
    void aTransactionIsCountedAcrossBatches() {
        begin("a");
        upsert(PARENTS, 1, "x");
        batch = batch(batch.origins(P), false);
        upsert(PARENTS, 2, "x");
        end("a", 2);
        tally.requireWhole(P);
        assertThat(writes(WriteOrder.UPSERTS_FIRST)).containsExactly("Upserts parents 1");
    }

    @Test
    void whatIsRepeatedInTheMidstOfATransactionCountsForNothing() {
        begin("a");
        upsert(PARENTS, 1, "x");
        end("a", 1);
        Origins applied = batch.origins(P);
        batch = batch(applied, false);
        Boundaries boundaries = new Boundaries(applied);
        begin("b");
        assertThat(boundaries.pass(
                        TransactionMarker.begin("b", new Position(1, 1, 0), 1), new Origin("changes", 0, 3, 0)))
                .isFalse();
        upsert(PARENTS, 2, "x");
        offset = 0;
        begin("a");
        upsert(PARENTS, 1, "x");
        end("a", 1);
        assertThat(boundaries.pass(
                        TransactionMarker.begin("a", new Position(1, 1, 0), 1).end(new Position(1, 2, 0), 1),
                        new Origin("changes", 0, 2, 0)))
                .isFalse();
        begin("b");
        upsert(PARENTS, 2, "x");
        upsert(PARENTS, 3, "x");
        end("b", 2);
        assertThat(boundaries.pass(
                        TransactionMarker.begin("b", new Position(1, 1, 0), 1).end(new Position(1, 2, 0), 2),
                        new Origin("changes", 0, 6, 0)))
                .isTrue();
        tally.requireWhole(P);
        assertThat(batch.repeats()).isEqualTo(5);
        assertThat(writes(WriteOrder.UPSERTS_FIRST)).containsExactly("Upserts parents 2");
    }

    @Test
    void tablesAreEmptiedInTheirTurnChildrenFirst() {
        begin("a");
        upsert(PARENTS, 1, "x");
        truncate(PARENTS);
        truncate(CHILDREN);
        upsert(PARENTS, 1, "y");
        end("a", 4);
        assertThat(writes(WriteOrder.UPSERTS_FIRST))
                .containsExactly("Upserts parents 1", "Emptying children 0", "Emptying parents 0", "Upserts parents 1");
    }

    @Test
    void inTheSourcesOrderOnlyWhatCanStandSideBySideIsOneWrite() {
        batch = batch(Origins.NONE, true);
        begin("a");
        upsert(PARENTS, 1, "x");
        upsert(PARENTS, 2, "x");
        upsert(PARENTS, 1, "y");
        upsert(PARENTS, 3, Unchanged.UNCHANGED);
        upsert(PARENTS, 4, Unchanged.UNCHANGED);
        upsert(CHILDREN, 1, "x");
        delete(CHILDREN, 2);
        delete(CHILDREN, 3);
        delete(PARENTS, 2);
        end("a", 9);
        assertThat(writes(WriteOrder.UPSERTS_FIRST))
                .containsExactly(
                        "Upserts parents 2",
                        "Upserts parents 1",
                        "Updates parents 1",
                        "Updates parents 1",
                        "Upserts children 1",
                        "Deletes children 2",
                        "Deletes parents 1");
    }

    @Test
    void rowsGiveWayAtOnceBeforeTheyTakeTheirNewValues() {
        begin("a");
        upsert(PARENTS, 1, "x");
        upsert(PARENTS, 2, Unchanged.UNCHANGED);
        delete(PARENTS, 3);
        end("a", 3);
        assertThat(writes(WriteOrder.REPLACING))
                .containsExactly(
                        "Deletes parents 1", "Replacements parents 2", "Upserts parents 1", "Updates parents 1");
    }
}
