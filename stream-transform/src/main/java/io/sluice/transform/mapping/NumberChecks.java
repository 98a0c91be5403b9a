package io.sluice.transform.mapping;

import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnValue.Generated;
import io.sluice.schemas.pipeline.ColumnValue.GeneratedKind;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether the numbers that a column is to hold are some table's own. Fields of one source row tell its own number, and that of a
 * parent made of the same row. A reference to a row of another source table does not: numbered by itself it would name any row.
 */
final class NumberChecks {

    private final ServiceSpec service;
    private final TableSpec table;
    private final SourceTable source;

    NumberChecks(ServiceSpec service, TableSpec table, SourceTable source) {
        this.service = service;
        this.table = table;
        this.source = source;
    }

    /** The columns whose numbers would be nobody's. */
    List<ColumnSpec> strangers(List<String> key) {
        return table.columns().listed().stream()
                .filter(column -> column.value() instanceof Generated generated
                        && generated.kind() == GeneratedKind.SERIAL
                        && !key.contains(column.name())
                        && !isOfTheWholeRow(generated)
                        && !isKeyOfAnother(generated))
                .toList();
    }

    private boolean isOfTheWholeRow(Generated generated) {
        Set<String> fields = new HashSet<>();
        for (ColumnValue part : generated.of()) {
            if (!(part instanceof ColumnValue.Field field)
                    || field.path().segments().size() != 1) {
                return false;
            }
            fields.add(field.path().root());
        }
        return fields.equals(Set.copyOf(source.row().keyColumns()));
    }

    private boolean isKeyOfAnother(Generated generated) {
        return service.tables().stream()
                .filter(other -> !Collections.disjoint(other.from(), table.from()))
                .anyMatch(other -> other.columns().listed().stream()
                        .anyMatch(column -> column.value().equals(generated)
                                && (other.key().isEmpty() || other.key().contains(column.name()))
                                && !other.target().equals(table.target())));
    }
}
