package io.sluice.sink.batch;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** However a run of records is cut into batches, and whatever part of it comes again, the same rows are left. */
class BatchSplitTest {

    private static final TargetTable TABLE = TargetTable.inDefaultSchema("t");
    private static final RowPartition PARTITION = new RowPartition("rows", 0);
    private static final List<RowSchema> SCHEMAS = List.of(schema("id", "a", "b"), schema("id", "a", "b", "c"));

    private static RowSchema schema(String... names) {
        List<Column> columns = new ArrayList<>();
        for (String name : names) {
            columns.add(new Column(name, Simple.INT32, "integer", !name.equals("id")));
        }
        return new RowSchema("t", columns, List.of("id"));
    }

    @Property(tries = 500)
    void anyCutLeavesTheSameRows(@ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int changes) {
        Random random = new Random(seed);
        List<Incoming> run = run(random, changes);
        Map<Key, Map<String, Object>> oneByOne = new HashMap<>();
        run.forEach(incoming -> applyAlone(oneByOne, incoming.change()));

        Map<Key, Map<String, Object>> batched = new HashMap<>();
        Origins origins = Origins.NONE;
        int at = 0;
        while (at < run.size()) {
            // The transform may have been set back: what it makes again carries the origins of the first time.
            int from = Math.max(0, at - random.nextInt(20));
            int to = Math.min(run.size(), at + 1 + random.nextInt(30));
            Batch batch = new Batch(Map.of(PARTITION, origins));
            run.subList(from, to).forEach(batch::add);
            batch.writes(List.of(TABLE), random.nextBoolean() ? WriteOrder.UPSERTS_FIRST : WriteOrder.DELETES_FIRST)
                    .forEach(write -> apply(batched, write));
            assertThat(batch.repeats()).isEqualTo(at - from);
            origins = batch.origins(PARTITION);
            at = to;
        }
        assertThat(batched).isEqualTo(oneByOne);
    }

    /** Changes as a source makes them: a row is changed or deleted only while it is there. */
    private static List<Incoming> run(Random random, int changes) {
        List<Incoming> run = new ArrayList<>();
        Map<Integer, Boolean> there = new HashMap<>();
        for (int i = 0; i < changes; i++) {
            int id = random.nextInt(6);
            RowSchema schema = SCHEMAS.get(random.nextInt(10) == 0 ? 0 : i * SCHEMAS.size() / changes);
            Key key = new Key(schema.keySchema(), new Object[] {id});
            boolean exists = there.getOrDefault(id, false);
            Provenance provenance = new Provenance(new Position(1, i, 1), i, null, Provenance.Kind.STREAM);
            RowChange change;
            if (exists && random.nextInt(4) == 0) {
                change = new RowChange.Delete(TABLE, key, provenance);
                there.put(id, false);
            } else {
                Object[] values = new Object[schema.size()];
                values[0] = id;
                for (int column = 1; column < values.length; column++) {
                    boolean leftOut = exists && random.nextInt(3) == 0;
                    values[column] = leftOut ? Unchanged.UNCHANGED : random.nextInt(5) == 0 ? null : (Object) i;
                }
                change = new RowChange.Upsert(TABLE, key, new Row(schema, values), provenance);
                there.put(id, true);
            }
            run.add(new Incoming(PARTITION, i, change, new Origin("changes", i % 3, i, 0)));
        }
        return run;
    }

    private static void applyAlone(Map<Key, Map<String, Object>> rows, RowChange change) {
        if (change instanceof RowChange.Upsert upsert) {
            put(rows.computeIfAbsent(change.key(), key -> new HashMap<>()), upsert.row());
        } else {
            rows.remove(change.key());
        }
    }

    private static void put(Map<String, Object> columns, Row row) {
        for (int i = 0; i < row.schema().size(); i++) {
            if (!row.isUnchanged(i)) {
                columns.put(row.schema().column(i).name(), row.value(i));
            }
        }
    }

    private static void apply(Map<Key, Map<String, Object>> rows, Write write) {
        if (write instanceof Write.Upserts upserts) {
            for (Row row : upserts.rows()) {
                assertThat(row.isWhole()).isTrue();
                Key id = row.key(row.schema().keySchema());
                if (upserts.anew()) {
                    rows.remove(id);
                }
                put(rows.computeIfAbsent(id, key -> new HashMap<>()), row);
            }
        } else if (write instanceof Write.Updates updates) {
            for (Row row : updates.rows()) {
                Map<String, Object> there = rows.get(row.key(row.schema().keySchema()));
                assertThat(there).as("an update finds its row").isNotNull();
                put(there, row);
            }
        } else if (write instanceof Write.Deletes deletes) {
            deletes.keys().forEach(rows::remove);
        }
    }
}
