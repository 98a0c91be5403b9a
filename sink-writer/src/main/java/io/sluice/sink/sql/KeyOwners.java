package io.sluice.sink.sql;

import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnValue.GeneratedKind;
import io.sluice.schemas.pipeline.TableSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which table's numbers a numbered column holds: its own, or those of the parent that its rows refer to. */
final class KeyOwners {

    private final List<TableSpec> tables;

    KeyOwners(List<TableSpec> tables) {
        this.tables = List.copyOf(tables);
    }

    /** A column of a target table. */
    record Of(TargetTable table, String column) {}

    /** For each numbered column, the one whose numbers it holds. */
    Map<Of, Of> all() {
        Map<Of, Of> all = new LinkedHashMap<>();
        for (TableSpec table : tables) {
            for (ColumnSpec column : table.columns().listed()) {
                numbers(column).ifPresent(of -> all.put(new Of(table.target(), column.name()), owner(table, of)));
            }
        }
        return all;
    }

    /** The first table whose rows these numbers tell apart; if there is none, the first that has them. */
    private Of owner(TableSpec asking, ColumnValue.Generated of) {
        Of first = null;
        for (TableSpec table : tables) {
            if (Collections.disjoint(table.from(), asking.from())) {
                continue;
            }
            for (ColumnSpec column : table.columns().listed()) {
                if (numbers(column).filter(of::equals).isEmpty()) {
                    continue;
                }
                Of here = new Of(table.target(), column.name());
                if (isWholeKey(table, column)) {
                    return here;
                }
                first = first == null ? here : first;
            }
        }
        if (first == null) {
            throw new IllegalArgumentException("no table has the numbers that are asked for");
        }
        return first;
    }

    private static boolean isWholeKey(TableSpec table, ColumnSpec column) {
        return table.key().equals(List.of(column.name()))
                || (table.key().isEmpty()
                        && table.columns().listed().stream()
                                        .filter(each -> each.value() instanceof ColumnValue.Generated)
                                        .count()
                                == 1);
    }

    private static Optional<ColumnValue.Generated> numbers(ColumnSpec column) {
        return column.value() instanceof ColumnValue.Generated generated && generated.kind() == GeneratedKind.SERIAL
                ? Optional.of(generated)
                : Optional.empty();
    }
}
