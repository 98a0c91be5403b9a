package io.sluice.transform.topology;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.transform.mapping.Drift;
import io.sluice.transform.mapping.SourceTable;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what changes carry and their mapping leaves out, or halts where the file asks for that. Belongs to one thread. */
final class DriftWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DriftWatch.class);

    /** Documents may use names as if they were values; beyond these they are counted together. */
    static final int MOST_NAMES = 100;

    /** The figures name the rest. */
    private static final int MOST_SAID = 10;

    static final String OTHERS = "(others)";
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_$ .-]{1,100}");

    private final TableSpec table;
    private final SourceTable source;
    private final Drift drift;
    private final TransformMeters meters;
    private final Map<String, Runnable> counters = new HashMap<>();

    private DriftWatch(TableSpec table, SourceTable source, Drift drift, TransformMeters meters) {
        this.table = table;
        this.source = source;
        this.drift = drift;
        this.meters = meters;
    }

    /**
     * Says what is new, and begins to watch for it.
     *
     * @throws HaltException if nothing new may pass
     */
    static @Nullable DriftWatch begin(TableSpec table, SourceTable source, Drift drift, TransformMeters meters) {
        if (table.onDrift() == DriftPolicy.HALT) {
            drift.leftOut().stream().findFirst().ifPresent(column -> {
                throw halt(table, source, column);
            });
        }
        TargetTable target = table.target();
        for (String column : drift.carried()) {
            if (meters.isNews(target, column)) {
                LOG.info(
                        "Column {} is new at {} and goes on to {}. Rows that were there before it get its value once they"
                                + " change, or by `sluice backfill`",
                        column,
                        source.id(),
                        target);
            }
        }
        return drift.leavesOut() ? new DriftWatch(table, source, drift, meters) : null;
    }

    void look(Change change) {
        if (!(change instanceof Change.Upserted upserted)) {
            return;
        }
        for (String column : drift.leftOut()) {
            found(column);
        }
        if (drift.fields().isPresent()) {
            Object document = document(upserted.after());
            if (document instanceof String text) {
                drift.fields().get().find(text, this::found);
            }
        }
    }

    private static @Nullable Object document(Row row) {
        RowSchema schema = row.schema();
        for (int i = 0; i < schema.size(); i++) {
            if (schema.column(i).type() == Simple.DOCUMENT) {
                return row.value(i);
            }
        }
        return null;
    }

    private void found(String name) {
        if (table.onDrift() == DriftPolicy.HALT) {
            throw halt(table, source, shown(name));
        }
        Runnable counter = counters.get(name);
        if (counter == null) {
            counter = counters.size() < MOST_NAMES ? counter(name, shown(name)) : counter(OTHERS, OTHERS);
        }
        counter.run();
    }

    private Runnable counter(String name, String shown) {
        Runnable known = counters.get(name);
        if (known != null) {
            return known;
        }
        if (counters.size() < MOST_SAID && meters.isNews(table.target(), shown)) {
            LOG.warn(
                    "Table {} leaves out {} of {}, which its mapping does not know. It is counted as"
                            + " sluice.transform.drift from here on",
                    table.target(),
                    shown,
                    source.id());
        }
        Runnable counter = meters.leftOut(table.target(), shown);
        counters.put(name, counter);
        return counter;
    }

    /** A name that could be anything does not get into a log or a label. */
    private static String shown(String name) {
        return PLAIN.matcher(name).matches() ? name : OTHERS;
    }

    private static HaltException halt(TableSpec table, SourceTable source, String name) {
        TargetTable target = table.target();
        int at = source.row().indexOf(name);
        Column column = at < 0 ? null : source.row().column(at);
        String add = column == null
                ? ""
                : " (first run: ALTER TABLE " + Identifiers.qualified(target.schema(), target.table()) + " ADD COLUMN "
                        + Identifiers.quoted(name) + " " + column.declared() + ")";
        return new HaltException(
                "SOURCE_DRIFTED",
                source.id() + " has " + name + ", which the mapping of table " + target
                        + " does not know, and its on-drift is halt",
                null,
                "Nothing was skipped. List it under the table's `columns:`, to carry it" + add
                        + " or with `drop: true`; or let on-drift be add or ignore. Then start again.");
    }
}
