package io.sluice.transform.mapping;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.transform.mapping.value.SqlType;
import java.util.Collection;
import java.util.Optional;

/**
 * What PostgreSQL may leave out of an update that does not touch it: large values that are stored apart from their row. Where
 * the source logs whole rows (REPLICA IDENTITY FULL) nothing is left out.
 */
final class Toast {

    /** A value no longer than a pointer to it is never stored apart. */
    private static final int MOST_DIGITS = 28;

    private static final int MOST_CHARACTERS = 4;

    private final SourceTable source;

    Toast(SourceTable source) {
        this.source = source;
    }

    /** The first of these columns that may be left out. */
    Optional<Column> leftOut(Collection<Integer> columns) {
        if (source.wholeBefore() || source.isCollection()) {
            return Optional.empty();
        }
        return columns.stream()
                .sorted()
                // What a split adds comes from columns that are looked at where it is compiled.
                .filter(column -> column < source.row().size())
                .map(source.row()::column)
                .filter(column -> !source.row().keyColumns().contains(column.name()))
                .filter(Toast::mayBeLarge)
                .findFirst();
    }

    private static boolean mayBeLarge(Column column) {
        LogicalType type = column.type();
        if (type instanceof Numeric numeric) {
            return numeric.precision() == null || numeric.precision() > MOST_DIGITS;
        }
        if (type == Simple.TEXT) {
            Integer limit = SqlType.parse(column.declared()).map(SqlType::limit).orElse(null);
            return limit == null || limit > MOST_CHARACTERS;
        }
        return type == Simple.BYTES || type.mayBeWrittenDifferently();
    }

    String remedy() {
        return "ALTER TABLE "
                + Identifiers.qualified(source.id().schema(), source.id().table()) + " REPLICA IDENTITY FULL";
    }
}
