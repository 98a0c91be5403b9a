package io.sluice.sink.batch;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The net effect, key by key, of a run of one table's changes whose rows all have one schema. It is what the changes would do one
 * by one; what two rows of one key come to, the table's rules say.
 *
 * <pre>
 *   whole upsert   ▶ PUT, but on REMOVE, STRAY or RENEW ▶ RENEW
 *   delete         ▶ REMOVE
 *   partial upsert ▶ PATCH, but on PUT ▶ PUT and on RENEW ▶ RENEW, with its known values,
 *                    and on REMOVE or STRAY ▶ STRAY
 * </pre>
 *
 * A STRAY changes a row that is gone: the missing values are nowhere to be had. It is harmless if something later in the
 * batch supersedes it, as it would be harmless one by one, and halts otherwise.
 *
 * <p>Where a deleted row is only marked, it never goes: a delete marks what is there or just came, and a whole upsert takes the
 * mark away.
 *
 * <p>Where several source tables may have one row, its deletion by one of them is only that while another one has it, and which do
 * the target knows. So what stands before or behind a deletion is not merged with it, unless it is of the same table.
 */
final class Round {

    private enum Kind {
        PUT,
        RENEW,
        PATCH,
        REMOVE,
        STRAY
    }

    /** @param marked when the row was deleted, where it stays with a mark; null otherwise */
    private record Effect(Kind kind, Key key, @Nullable Row row, Incoming last, @Nullable Long marked) {

        boolean isDeletion() {
            return kind == Kind.REMOVE || marked != null;
        }

        Effect with(Kind other, @Nullable Row newRow, Incoming later) {
            return new Effect(other, key, newRow, later, null);
        }
    }

    private final TargetTable table;
    private final WriteRules rules;
    private final boolean marks;
    private final boolean latestPrevails;
    private final Map<Key, Effect> effects = new LinkedHashMap<>();
    private final Shares shares = new Shares();
    private @Nullable RowSchema schema;
    private @Nullable RowMerge merge;

    Round(TargetTable table, WriteRules rules) {
        this.table = table;
        this.rules = rules;
        this.marks = rules.mark().isPresent();
        this.latestPrevails = rules.latest().isPresent();
    }

    /**
     * Whether the change can go into this round. Where the latest value prevails, only the target knows whether what came before
     * did: what is to be put on top of it, in part or over a mark, has to wait for that.
     */
    boolean takes(Incoming incoming) {
        if (rules.shared() && !sharesWith(incoming)) {
            return false;
        }
        if (!(incoming.change() instanceof RowChange.Upsert upsert)) {
            return true;
        }
        Row row = upsert.row();
        if (schema != null && !schema.equals(row.schema())) {
            return false;
        }
        Effect before = latestPrevails ? effects.get(upsert.key()) : null;
        return before == null || (row.isWhole() && before.marked() == null);
    }

    private boolean sharesWith(Incoming incoming) {
        Effect before = effects.get(incoming.change().key());
        if (before == null) {
            return true;
        }
        return incoming.change() instanceof RowChange.Upsert
                ? !before.isDeletion()
                : shares.isOnly(incoming.change().key(), incoming.source());
    }

    boolean has(Key key) {
        return effects.containsKey(key);
    }

    void add(Incoming incoming) {
        if (rules.shared()) {
            shares.add(incoming);
        }
        if (incoming.change() instanceof RowChange.Upsert upsert) {
            add(incoming, upsert.row());
        } else if (!rules.ignoresDeletes()) {
            remove(incoming);
        }
    }

    private void add(Incoming incoming, Row row) {
        Key key = incoming.change().key();
        RowMerge merging = merge;
        if (merging == null) {
            schema = row.schema();
            merging = new RowMerge(rules, row.schema());
            merge = merging;
        }
        Effect before = effects.get(key);
        if (row.isWhole()) {
            effects.put(
                    key, before == null ? effect(Kind.PUT, key, row, incoming) : put(merging, before, row, incoming));
        } else if (!rules.keepsFirst()) {
            effects.put(
                    key,
                    before == null ? effect(Kind.PATCH, key, row, incoming) : patched(merging, before, row, incoming));
        }
    }

    private static Effect effect(Kind kind, Key key, @Nullable Row row, Incoming last) {
        return new Effect(kind, key, row, last, null);
    }

    private static Effect put(RowMerge merge, Effect before, Row row, Incoming last) {
        Row known = before.row();
        if (known == null || before.kind() == Kind.STRAY) {
            boolean anew = before.marked() == null;
            return before.with(anew ? Kind.RENEW : Kind.PUT, row, last);
        }
        if (merge.keeps(known, row)) {
            return before;
        }
        // What a patch left out is at the target, and every value of it is superseded.
        return before.kind() == Kind.PATCH
                ? before.with(Kind.PUT, row, last)
                : before.with(before.kind(), merge.of(known, row), last);
    }

    private static Effect patched(RowMerge merge, Effect before, Row patch, Incoming last) {
        Row known = before.row();
        if (known == null || before.kind() == Kind.STRAY || before.marked() != null) {
            return before.with(Kind.STRAY, patch, last);
        }
        return merge.keeps(known, patch) ? before : before.with(before.kind(), merge.of(known, patch), last);
    }

    private void remove(Incoming incoming) {
        Key key = incoming.change().key();
        Effect before = effects.get(key);
        if (!marks) {
            effects.put(key, effect(Kind.REMOVE, key, null, incoming));
            return;
        }
        long when = incoming.change().provenance().commitTimeMicros();
        effects.put(
                key,
                before != null && before.kind() != Kind.STRAY
                        ? new Effect(before.kind(), key, before.row(), incoming, when)
                        : new Effect(Kind.REMOVE, key, null, incoming, when));
    }

    /** Inserts and updates, as few writes as there are sets of known columns; then the marks. */
    List<Write> comings() {
        List<Row> whole = new ArrayList<>();
        List<Row> renewed = new ArrayList<>();
        Map<BitSet, List<Row>> partial = new LinkedHashMap<>();
        List<Key> marked = new ArrayList<>();
        List<Long> times = new ArrayList<>();
        for (Effect effect : effects.values()) {
            Row row = effect.row();
            switch (effect.kind()) {
                case PUT -> {
                    if (row != null) {
                        whole.add(row);
                    }
                }
                case RENEW -> {
                    if (row != null) {
                        renewed.add(row);
                    }
                }
                case PATCH -> {
                    if (row != null) {
                        partial.computeIfAbsent(known(row), set -> new ArrayList<>())
                                .add(row);
                    }
                }
                case STRAY -> throw stray(table, effect.last().place());
                case REMOVE -> {}
            }
            if (effect.marked() != null) {
                marked.add(effect.key());
                times.add(effect.marked());
            }
        }
        List<Write> writes = new ArrayList<>(shares.writes(table, true));
        if (schema != null) {
            if (!whole.isEmpty()) {
                writes.add(new Write.Upserts(table, schema, whole, false));
            }
            if (!renewed.isEmpty()) {
                writes.add(new Write.Upserts(table, schema, renewed, true));
            }
            for (Map.Entry<BitSet, List<Row>> group : partial.entrySet()) {
                writes.add(new Write.Updates(table, schema, group.getKey(), group.getValue()));
            }
        }
        if (!marked.isEmpty()) {
            writes.addAll(shares.writes(table, false));
            writes.add(new Write.Marks(table, marked.get(0).schema(), marked, times));
        }
        return writes;
    }

    /** What may change rows that are there, once more, where they can't change one after another. */
    List<Write> replacements() {
        if (schema == null || rules.keepsFirst() || rules.guard().isPresent()) {
            return List.of();
        }
        List<Row> rows = new ArrayList<>();
        for (Effect effect : effects.values()) {
            if (effect.row() != null && (effect.kind() == Kind.PUT || effect.kind() == Kind.PATCH)) {
                rows.add(effect.row());
            }
        }
        return rows.isEmpty() ? List.of() : List.of(new Write.Replacements(table, schema, rows));
    }

    List<Write> goings() {
        List<Key> keys = new ArrayList<>();
        for (Effect effect : effects.values()) {
            if (effect.kind() == Kind.REMOVE && effect.marked() == null) {
                keys.add(effect.key());
            }
        }
        if (keys.isEmpty()) {
            return List.of();
        }
        List<Write> writes = new ArrayList<>(shares.writes(table, false));
        writes.add(new Write.Deletes(table, keys.get(0).schema(), keys));
        return writes;
    }

    private static BitSet known(Row row) {
        BitSet known = new BitSet(row.schema().size());
        for (int i = 0; i < row.schema().size(); i++) {
            known.set(i, !row.isUnchanged(i));
        }
        return known;
    }

    /** Also for an update that found no row at the target. */
    static HaltException stray(TargetTable table, String place) {
        return new HaltException(
                "ROW_MISSING",
                "a change that carries only some columns is for a row of " + table + " that is not there",
                place,
                "The row was deleted at the target by something else, or the target was restored to an older state. "
                        + "Load the table again: a new epoch of its source brings every row whole.");
    }
}
