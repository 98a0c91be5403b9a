package io.sluice.transform.mapping;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.transform.mapping.MappingResult.Cause;
import io.sluice.transform.mapping.MappingResult.Mapped;
import io.sluice.transform.mapping.MappingResult.Rejected;
import io.sluice.transform.mapping.custom.CustomRows;
import io.sluice.transform.mapping.custom.UnfitRowException;
import io.sluice.transform.mapping.value.Documents;

/** A mapping whose rows a user's Java code makes. */
final class CustomMapping extends CompiledMapping {

    private final CustomRows rows;

    CustomMapping(SourceTable source, TargetTable table, CustomRows rows, boolean injective) {
        super(
                source.id(),
                table,
                null,
                new Steps(rows.target(), new ColumnStep[0]),
                Rules.NONE,
                keys(source, rows, injective),
                documents(),
                null);
        this.rows = rows;
    }

    private static KeyPlan keys(SourceTable source, CustomRows rows, boolean injective) {
        RowSchema key = rows.target().keySchema();
        return new KeyPlan(key, new ColumnStep[0], source.row(), documents(), false, injective);
    }

    private static Documents documents() {
        return new Documents();
    }

    @Override
    public MappingResult apply(Change change) {
        if (change instanceof Change.Upserted upserted) {
            return rows(change, upserted.key());
        }
        return change instanceof Change.Deleted deleted ? rows(change, deleted.key()) : super.apply(change);
    }

    private MappingResult rows(Change change, Key key) {
        try {
            return new Mapped(rows.of(change, key));
        } catch (UnfitRowException e) {
            return Rejected.of(Cause.MAPPER, e.reason());
        }
    }
}
