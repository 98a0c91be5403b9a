package io.sluice.sink.batch;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The net effect, key by key, of a run of one table's changes whose rows all have one schema.
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
 */
final class Round {

    private enum Kind {
        PUT,
        RENEW,
        PATCH,
        REMOVE,
        STRAY
    }

    private record Effect(Kind kind, Key key, @Nullable Row row, Incoming last) {}

    private final TargetTable table;
    private final Map<Key, Effect> effects = new LinkedHashMap<>();
    private @Nullable RowSchema schema;

    Round(TargetTable table) {
        this.table = table;
    }

    /** Whether rows of this schema can go into this round. */
    boolean takes(RowSchema of) {
        return schema == null || schema.equals(of);
    }

    void add(Incoming incoming) {
        RowChange change = incoming.change();
        Key key = change.key();
        if (change instanceof RowChange.Upsert upsert) {
            if (schema == null) {
                schema = upsert.row().schema();
            }
            Row row = upsert.row();
            if (row.isWhole()) {
                effects.merge(key, new Effect(Kind.PUT, key, row, incoming), Round::put);
            } else {
                effects.merge(key, new Effect(Kind.PATCH, key, row, incoming), Round::patched);
            }
        } else {
            effects.put(key, new Effect(Kind.REMOVE, key, null, incoming));
        }
    }

    private static Effect put(Effect before, Effect put) {
        return switch (before.kind()) {
            case PUT, PATCH -> put;
            case RENEW, REMOVE, STRAY -> new Effect(Kind.RENEW, put.key(), put.row(), put.last());
        };
    }

    private static Effect patched(Effect before, Effect patch) {
        Row known = before.row();
        if (known == null || patch.row() == null || before.kind() == Kind.STRAY) {
            return new Effect(Kind.STRAY, patch.key(), patch.row(), patch.last());
        }
        return new Effect(before.kind(), patch.key(), merged(known, patch.row()), patch.last());
    }

    private static Row merged(Row before, Row patch) {
        @Nullable Object[] values = new Object[patch.schema().size()];
        for (int i = 0; i < values.length; i++) {
            Object value = patch.value(i);
            values[i] = value == Unchanged.UNCHANGED ? before.value(i) : value;
        }
        return new Row(before.schema(), values);
    }

    /** Inserts and updates, as few writes as there are sets of known columns. */
    List<Write> comings() {
        List<Row> whole = new ArrayList<>();
        List<Row> renewed = new ArrayList<>();
        Map<BitSet, List<Row>> partial = new LinkedHashMap<>();
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
        }
        List<Write> writes = new ArrayList<>(2 + partial.size());
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
        return writes;
    }

    List<Write> goings() {
        List<Key> keys = new ArrayList<>();
        for (Effect effect : effects.values()) {
            if (effect.kind() == Kind.REMOVE) {
                keys.add(effect.key());
            }
        }
        return keys.isEmpty()
                ? List.of()
                : List.of(new Write.Deletes(table, keys.get(0).schema(), keys));
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
