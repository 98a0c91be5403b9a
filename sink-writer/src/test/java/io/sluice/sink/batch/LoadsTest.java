package io.sluice.sink.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoadsTest {

    private static final TargetTable TABLE = TargetTable.inDefaultSchema("accounts");
    private static final RowPartition P0 = new RowPartition("rows", 0);
    private static final RowPartition P1 = new RowPartition("rows", 1);
    private static final RowSchema SCHEMA =
            new RowSchema("accounts", List.of(new Column("id", Simple.INT64, "bigint", false)), List.of("id"));
    private static final Provenance SOMEWHEN = new Provenance(new Position(1, 1, 1), 1, null, Provenance.Kind.STREAM);

    private Batch batch = batch(Begun.NONE);

    private static Batch batch(Begun begun) {
        return new Batch(Map.of(P0, Origins.NONE, P1, Origins.NONE), Map.of(P0, begun), Set.of(TABLE), Map.of());
    }

    private static Begun.Load load(String name) {
        return new Begun.Load(TABLE, "m.public.accounts", name);
    }

    private static Key key(long id) {
        return new Key(SCHEMA.keySchema(), new Object[] {id});
    }

    private void row(RowPartition partition, int changePartition, long offset, long id) {
        RowChange change = new RowChange.Upsert(TABLE, key(id), new Row(SCHEMA, new Object[] {id}), SOMEWHEN);
        batch.add(new Incoming(partition, offset, change, new Origin("changes", changePartition, offset, 0)));
    }

    private void marker(LoadMarker.Kind kind, String load, int changePartition, long offset, boolean sweep) {
        LoadMarker marker = new LoadMarker(
                kind,
                new TableId("m", "public", "accounts"),
                load,
                sweep,
                new Position(1, 1, 0),
                new LoadMarker.Passed(new Origin("changes", changePartition, offset, 0), 2));
        batch.add(P0, TABLE, marker);
    }

    private void begin(String load, int changePartition, long offset) {
        marker(LoadMarker.Kind.BEGIN, load, changePartition, offset, true);
    }

    private List<Key> seen(String name) {
        return List.copyOf(batch.loads().seen(load(name)));
    }

    @Test
    void onlyWhatStandsBehindTheBeginOfItsOwnChangePartitionBelongsToALoad() {
        row(P0, 0, 1, 1);
        begin("1.1", 0, 2);
        row(P0, 0, 3, 2);
        row(P0, 1, 3, 3);
        begin("1.1", 1, 4);
        row(P0, 1, 5, 4);
        row(P0, 1, 6, 4);
        row(P1, 0, 7, 5);

        assertThat(seen("1.1")).containsExactly(key(2), key(4));
    }

    @Test
    void whatIsDeletedIsSeenTooAndWhatComesAfterTheEnd() {
        begin("1.1", 0, 1);
        batch.add(new Incoming(P0, 2, new RowChange.Delete(TABLE, key(1), SOMEWHEN), new Origin("changes", 0, 2, 0)));
        marker(LoadMarker.Kind.END, "1.1", 0, 3, true);
        row(P0, 0, 4, 2);

        assertThat(seen("1.1")).containsExactly(key(1), key(2));
        assertThat(batch.loads().markers()).hasSize(2);
    }

    @Test
    void aRepeatSaysNothingForItStoodBeforeTheBeginOrWasNotedThen() {
        row(P0, 0, 1, 1);
        begin("1.1", 0, 2);
        row(P0, 0, 1, 1);
        marker(LoadMarker.Kind.BEGIN, "1.1", 0, 2, true);

        assertThat(seen("1.1")).isEmpty();
        assertThat(batch.loads().markers()).hasSize(1);
        assertThat(batch.repeats()).isEqualTo(2);
    }

    @Test
    void whatBeganBeforeTheBatchGoesOn() {
        batch = batch(new Begun(Map.of(load("1.1"), Set.of(1))));
        row(P0, 0, 1, 1);
        row(P0, 1, 1, 2);
        batch.add(new Incoming(P0, 3, new RowChange.Delete(TABLE, key(3), SOMEWHEN), null));

        assertThat(seen("1.1"))
                .as("with one that does not say where it comes from")
                .containsExactly(key(2), key(3));
        assertThat(batch.loads().begun(P0)).isEqualTo(new Begun(Map.of(load("1.1"), Set.of(1))));
    }

    @Test
    void aLoadThatIsBegunAgainIsToldApartFromTheOneBefore() {
        begin("1.1", 0, 1);
        row(P0, 0, 2, 1);
        begin("1.2", 0, 3);
        row(P0, 0, 4, 2);

        assertThat(seen("1.1")).containsExactly(key(1), key(2));
        assertThat(seen("1.2")).containsExactly(key(2));
        assertThat(batch.loads().begun(P0).only(TABLE, Set.of(load("1.2"))))
                .isEqualTo(new Begun(Map.of(load("1.2"), Set.of(0))));
    }

    @Test
    void aLoadThatIsGivenUpIsToldFromOneThatWasNotToSweep() {
        begin("1.1", 0, 1);
        marker(LoadMarker.Kind.BEGIN, "1.2", 0, 2, false);
        marker(LoadMarker.Kind.END, "1.2", 0, 3, false);
        assertThat(batch.loads().markers()).hasSize(1);
        marker(LoadMarker.Kind.END, "1.1", 0, 4, false);

        assertThat(batch.loads().markers())
                .extracting(each -> each.marker().load())
                .containsExactly("1.1", "1.1");
    }

    @Test
    void aLoadThatIsNotToSweepAndATableThatIsNeverSweptAreLeftAlone() {
        marker(LoadMarker.Kind.BEGIN, "1.1", 0, 1, false);
        row(P0, 0, 2, 1);
        assertThat(batch.loads().seenTables()).isEmpty();
        assertThat(batch.loads().markers()).isEmpty();

        batch = new Batch(Map.of(P0, Origins.NONE), Map.of(), Set.of(), Map.of());
        begin("1.1", 0, 1);
        row(P0, 0, 2, 1);
        assertThat(batch.loads().seenTables()).isEmpty();
        assertThat(batch.loads().markers()).as("so that it can be said").hasSize(1);
    }
}
