package io.sluice.sink.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.HaltException;
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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchTest {

    private static final TargetTable PARENTS = TargetTable.inDefaultSchema("parents");
    private static final TargetTable CHILDREN = TargetTable.inDefaultSchema("children");
    private static final RowPartition P0 = new RowPartition("rows", 0);
    private static final RowPartition P1 = new RowPartition("rows", 1);
    private static final RowSchema SCHEMA = schema("id", "name", "note");
    private static final Provenance SOMEWHEN = new Provenance(new Position(1, 1, 1), 1, null, Provenance.Kind.STREAM);

    private final Batch batch = new Batch(Map.of(P0, Origins.NONE, P1, Origins.NONE));
    private long offset;

    private static RowSchema schema(String... columns) {
        return new RowSchema(
                "t",
                List.of(columns).stream()
                        .map(name -> new Column(name, Simple.TEXT, "text", !name.equals("id")))
                        .toList(),
                List.of("id"));
    }

    private static Row row(RowSchema schema, Object... values) {
        return new Row(schema, values);
    }

    private void upsert(TargetTable table, Row row, Origin origin) {
        Key key = row.key(row.schema().keySchema());
        batch.add(new Incoming(P0, offset++, new RowChange.Upsert(table, key, row, SOMEWHEN), origin));
    }

    private void upsert(Object... values) {
        upsert(PARENTS, row(SCHEMA, values), null);
    }

    private void delete(TargetTable table, String id) {
        Key key = new Key(SCHEMA.keySchema(), new Object[] {id});
        batch.add(new Incoming(P0, offset++, new RowChange.Delete(table, key, SOMEWHEN), null));
    }

    private List<Write> writes() {
        return batch.writes(List.of(PARENTS, CHILDREN), WriteOrder.UPSERTS_FIRST);
    }

    @Test
    void theLastChangeOfAKeyWins() {
        upsert("1", "a", "x");
        upsert("1", "b", "y");
        upsert("2", "c", "z");
        delete(PARENTS, "2");
        assertThat(writes()).hasSize(2);
        assertThat(((Write.Upserts) writes().get(0)).rows()).containsExactly(row(SCHEMA, "1", "b", "y"));
        assertThat(((Write.Deletes) writes().get(1)).keys())
                .containsExactly(new Key(SCHEMA.keySchema(), new Object[] {"2"}));
    }

    @Test
    void anUnchangedValueIsFilledInFromTheRowBeforeIt() {
        upsert("1", "a", "x");
        upsert("1", Unchanged.UNCHANGED, "y");
        assertThat(((Write.Upserts) writes().get(0)).rows()).containsExactly(row(SCHEMA, "1", "a", "y"));
    }

    @Test
    void partialRowsAreUpdatesAndNeverUpserts() {
        upsert("1", Unchanged.UNCHANGED, "y");
        upsert("1", "b", Unchanged.UNCHANGED);
        upsert("2", Unchanged.UNCHANGED, "z");
        assertThat(writes()).hasSize(2).allMatch(write -> write instanceof Write.Updates);
        assertThat(((Write.Updates) writes().get(0)).rows()).containsExactly(row(SCHEMA, "1", "b", "y"));
        assertThat(((Write.Updates) writes().get(1)).rows())
                .containsExactly(row(SCHEMA, "2", Unchanged.UNCHANGED, "z"));
    }

    @Test
    void aPartialRowAfterItsDeleteHaltsUnlessItIsSuperseded() {
        delete(PARENTS, "1");
        upsert("1", Unchanged.UNCHANGED, "y");
        assertThatThrownBy(this::writes)
                .isInstanceOf(HaltException.class)
                .hasMessageContaining("rows-0 offset 1")
                .hasMessageContaining("ROW_MISSING");
        upsert("1", "a", "b");
        assertThat(writes()).hasSize(1);
    }

    @Test
    void parentsComeFirstAndGoLast() {
        delete(PARENTS, "1");
        delete(CHILDREN, "1");
        upsert(CHILDREN, row(SCHEMA, "2", "a", "b"), null);
        upsert(PARENTS, row(SCHEMA, "2", "a", "b"), null);
        assertThat(writes()).extracting(Write::table).containsExactly(PARENTS, CHILDREN, CHILDREN, PARENTS);
        assertThat(batch.writes(List.of(PARENTS, CHILDREN), WriteOrder.DELETES_FIRST))
                .extracting(Write::table)
                .containsExactly(CHILDREN, PARENTS, PARENTS, CHILDREN);
    }

    @Test
    void rowsOfAnotherSchemaAreNotMergedWithWhatCameBefore() {
        RowSchema wider = schema("id", "name", "note", "extra");
        upsert("1", "a", "x");
        upsert(PARENTS, row(wider, "1", "b", Unchanged.UNCHANGED, "new"), null);
        assertThat(writes()).hasSize(2);
        assertThat(writes().get(0)).isInstanceOf(Write.Upserts.class);
        assertThat(((Write.Updates) writes().get(1)).schema()).isEqualTo(wider);
    }

    @Test
    void whatIsAtOrBelowTheStoredOriginIsDropped() {
        Origins.ChangePartition changes = new Origins.ChangePartition("changes", 3);
        Batch rewound = new Batch(Map.of(P0, Origins.of(Map.of(changes, new Origins.Mark(10, 1)))));
        Row row = row(SCHEMA, "1", "a", "b");
        Key key = row.key(SCHEMA.keySchema());
        RowChange change = new RowChange.Upsert(PARENTS, key, row, SOMEWHEN);
        rewound.add(new Incoming(P0, 1, change, new Origin("changes", 3, 9, 0)));
        rewound.add(new Incoming(P0, 2, change, new Origin("changes", 3, 10, 1)));
        assertThat(rewound.writes(List.of(PARENTS), WriteOrder.UPSERTS_FIRST)).isEmpty();
        rewound.add(new Incoming(P0, 3, change, new Origin("changes", 3, 10, 2)));
        rewound.add(new Incoming(P0, 4, change, new Origin("changes", 4, 0, 0)));
        assertThat(rewound.writes(List.of(PARENTS), WriteOrder.UPSERTS_FIRST)).hasSize(1);
        assertThat(rewound.repeats()).isEqualTo(2);
        assertThat(rewound.records()).isEqualTo(4);
        assertThat(rewound.origins(P0).marks())
                .containsEntry(changes, new Origins.Mark(10, 2))
                .containsEntry(new Origins.ChangePartition("changes", 4), new Origins.Mark(0, 0));
    }
}
