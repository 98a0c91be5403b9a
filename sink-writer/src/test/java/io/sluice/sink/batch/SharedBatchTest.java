package io.sluice.sink.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.WriteSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SharedBatchTest {

    private static final RowPartition P = new RowPartition("rows", 0);
    private static final TargetTable TABLE = TargetTable.inDefaultSchema("events");
    private static final RowSchema SCHEMA =
            new RowSchema("events", List.of(new Column("id", Simple.INT64, "bigint", false)), List.of("id"));
    private static final Provenance SOMEWHEN = new Provenance(new Position(1, 1, 1), 1, null, Provenance.Kind.STREAM);
    private static final WriteRules SHARED = new WriteRules(
            WriteSpec.upsert(), new DeletePolicy.Hard(), ConflictSpec.sourceWins(), Optional.empty(), true);

    private final Batch batch = new Batch(Map.of(P, Origins.NONE), Map.of(), Set.of(), Map.of(TABLE, SHARED));

    private static Key key(long id) {
        return new Key(SCHEMA.keySchema(), new Object[] {id});
    }

    private SharedBatchTest upsert(long id, @Nullable String source) {
        RowChange change = new RowChange.Upsert(TABLE, key(id), new Row(SCHEMA, new Object[] {id}), SOMEWHEN);
        batch.add(new Incoming(P, 0, change, null, source));
        return this;
    }

    private SharedBatchTest delete(long id, @Nullable String source) {
        batch.add(new Incoming(P, 0, new RowChange.Delete(TABLE, key(id), SOMEWHEN), null, source));
        return this;
    }

    private List<String> writes() {
        return batch.writes(List.of(TABLE), WriteOrder.UPSERTS_FIRST).stream()
                .map(SharedBatchTest::describe)
                .toList();
    }

    private static String describe(Write write) {
        if (write instanceof Write.Holders noted) {
            return (noted.has() ? "+" : "-") + noted.source() + " " + noted.size();
        }
        return write.getClass().getSimpleName() + " " + write.size();
    }

    @Test
    void whoHasWhichRowsIsNotedAheadOfThem() {
        upsert(1, "a").upsert(2, "b").upsert(1, "b").upsert(3, "a").delete(4, "a");

        assertThat(writes()).containsExactly("+a 2", "+b 2", "Upserts 3", "-a 1", "Deletes 1");
    }

    @Test
    void whatOneTableDoesToItsRowIsOneEffectAsLongAsNothingWasDeletedBefore() {
        upsert(1, "a").upsert(1, "a").delete(1, "a");

        assertThat(writes()).containsExactly("-a 1", "Deletes 1");
    }

    @Test
    void aDeletionBehindAnotherTablesRowDoesNotSwallowIt() {
        upsert(1, "b").delete(1, "a");

        assertThat(writes()).containsExactly("+b 1", "Upserts 1", "-a 1", "Deletes 1");
    }

    @Test
    void aRowBehindADeletionIsNotTakenToBeNewForAnotherTableMayHaveIt() {
        delete(1, "a").upsert(1, "a").delete(1, "b");

        assertThat(writes()).containsExactly("-a 1", "Deletes 1", "+a 1", "Upserts 1", "-b 1", "Deletes 1");
        assertThat(batch.writes(List.of(TABLE), WriteOrder.UPSERTS_FIRST))
                .filteredOn(Write.Upserts.class::isInstance)
                .noneMatch(write -> ((Write.Upserts) write).anew());
    }

    @Test
    void ofARowWhoseTableNobodyKnowsNothingIsNoted() {
        upsert(1, null).upsert(2, "a").delete(1, "a").delete(2, null);

        assertThat(writes()).containsExactly("+a 1", "Upserts 2", "-a 1", "Deletes 2");
    }

    @Test
    void tablesThatAreTruncatedAtOnceAreEmptiedOfTheRowsOfEach() {
        for (String source : List.of("a", "b", "a")) {
            batch.addEmptying(P, 0, TABLE, source, SOMEWHEN, null);
        }
        upsert(1, "a");

        assertThat(batch.writes(List.of(TABLE), WriteOrder.UPSERTS_FIRST))
                .startsWith(new Write.Emptying(TABLE, "a"), new Write.Emptying(TABLE, "b"));
    }

    @Test
    void tablesWhoseColumnsStandInAnotherOrderAreWrittenInTwoSetsHoweverTheirRowsAreMixed() {
        RowSchema longer = new RowSchema(
                "events",
                List.of(new Column("id", Simple.INT64, "bigint", false), new Column("name", Simple.TEXT, "text", true)),
                List.of("id"));
        for (long id = 0; id < 100; id += 2) {
            upsert(id, "a");
            Row row = new Row(longer, new Object[] {id + 1, "b"});
            batch.add(new Incoming(P, 0, new RowChange.Upsert(TABLE, key(id + 1), row, SOMEWHEN), null, "b"));
        }
        assertThat(writes()).containsExactly("+a 50", "Upserts 50", "+b 50", "Upserts 50");

        upsert(1, "a");
        assertThat(writes()).as("behind the other of its key").endsWith("+a 1", "Upserts 1");
    }

    @Test
    void rowsOfATableWithOneSourceAreMergedAsEver() {
        Batch plain = new Batch(Map.of(P, Origins.NONE));
        plain.add(new Incoming(P, 0, new RowChange.Delete(TABLE, key(1), SOMEWHEN), null, "a"));
        plain.add(new Incoming(
                P, 1, new RowChange.Upsert(TABLE, key(1), new Row(SCHEMA, new Object[] {1L}), SOMEWHEN), null, "b"));

        assertThat(plain.writes(List.of(TABLE), WriteOrder.UPSERTS_FIRST))
                .singleElement()
                .isInstanceOf(Write.Upserts.class);
    }
}
