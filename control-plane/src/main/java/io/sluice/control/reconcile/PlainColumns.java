package io.sluice.control.reconcile;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.ReconcileSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.WriteSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which columns of a table the file copies as they are. Read from the file's words alone, by nothing that the mapping is made of:
 * otherwise a mistake of the mapping's could not show.
 *
 * @param key the columns that tell rows apart
 * @param others the columns that are to hold the same
 * @param whole whether every source row has a target row
 */
record PlainColumns(List<Copy> key, List<Copy> others, boolean whole) {

    /** A column at the source and what it is called at the target. */
    record Copy(Column source, Column target) {

        String readAtSource() {
            return text(source);
        }

        String readAtTarget() {
            return text(target);
        }

        /** Text that is the same for values that mean the same. */
        private static String text(Column column) {
            String name = "t." + Identifiers.quoted(column.name());
            if (column.type() instanceof Numeric) {
                return "pg_catalog.trim_scale(" + name + ")::text";
            }
            boolean floating = column.type() == Simple.FLOAT32 || column.type() == Simple.FLOAT64;
            // Of the two zeros only one is left when another is added.
            return floating ? "(" + name + " + 0)::text" : name + "::text";
        }
    }

    /** Empty where the file leaves nothing that could be compared so. */
    static Optional<PlainColumns> of(TableSpec table, RowSchema source, RowSchema target) {
        boolean onePlainRow = table.from().size() == 1
                && table.split().isEmpty()
                && table.mapper().isEmpty()
                && table.write().mode() == WriteSpec.Mode.UPSERT
                && table.conflict().resolve() == ConflictSpec.Resolution.SOURCE_WINS;
        if (!onePlainRow || !source.hasKey()) {
            return Optional.empty();
        }
        Map<String, String> names = copied(table, source);
        List<Copy> key = new ArrayList<>();
        for (String part : source.keyColumns()) {
            names.entrySet().stream()
                    .filter(name -> name.getValue().equals(part))
                    .findFirst()
                    .flatMap(name -> copy(name, source, target))
                    .ifPresent(key::add);
        }
        List<Copy> others = new ArrayList<>();
        names.entrySet().stream()
                .filter(name -> isWritten(table, name.getKey()))
                .forEach(name -> copy(name, source, target)
                        .filter(copy -> !key.contains(copy))
                        .ifPresent(others::add));
        boolean whole = table.where().isEmpty()
                && table.rules().isEmpty()
                && table.hypertable().isEmpty();
        return key.size() < source.keyColumns().size() || others.isEmpty()
                ? Optional.empty()
                : Optional.of(new PlainColumns(key, others, whole));
    }

    /** By the target's names, what they are called at the source. */
    private static Map<String, String> copied(TableSpec table, RowSchema source) {
        Map<String, String> names = new LinkedHashMap<>();
        List<String> taken = new ArrayList<>();
        for (ColumnSpec column : table.columns().listed()) {
            taken.add(column.name());
            if (column.value() instanceof ColumnValue.Field field) {
                String from = field.path().root();
                taken.add(from);
                if (field.path().isRoot()
                        && column.type().isEmpty()
                        && column.defaultValue().isEmpty()
                        && source.indexOf(from) >= 0) {
                    names.put(column.name(), from);
                }
            }
        }
        if (table.columns().copyOthers()) {
            source.columns().stream()
                    .map(Column::name)
                    .filter(name -> !taken.contains(name))
                    .forEach(name -> names.put(name, name));
        }
        return names;
    }

    /** Whether an update brings the column, and nothing else than equality is asked of it. */
    private static boolean isWritten(TableSpec table, String column) {
        List<String> updated = table.write().update();
        Optional<ReconcileSpec> reconcile = table.reconcile();
        boolean wanted = reconcile
                .map(spec -> !spec.tolerance().containsKey(column)
                        && (spec.columns().isEmpty() || spec.columns().contains(column)))
                .orElse(true);
        return wanted && (updated.isEmpty() || updated.contains(column));
    }

    private static Optional<Copy> copy(Map.Entry<String, String> name, RowSchema source, RowSchema target) {
        int there = target.indexOf(name.getKey());
        Column from = source.column(source.indexOf(name.getValue()));
        if (there < 0) {
            return Optional.empty();
        }
        Column to = target.column(there);
        // The same json may be written in many ways.
        boolean alike =
                from.declared().equals(to.declared()) && !from.declared().equals("json");
        return alike ? Optional.of(new Copy(from, to)) : Optional.empty();
    }
}
