package io.sluice.control.reconcile;

import io.sluice.schemas.model.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one side held of one target key when it was looked at. */
sealed interface Look {

    /** Differs if what was looked at was written anew in between. */
    String version();

    /**
     * What the source asks for.
     *
     * @param rows what the target row may be; several where source rows share a key, none where there should be no row
     * @param rejected whether a source row that this key belongs to can't be mapped, so nobody knows
     */
    record Source(String version, List<Row> rows, boolean rejected) implements Look {

        static final Source NOTHING = new Source("", List.of(), false);

        public Source {
            rows = List.copyOf(rows);
        }
    }

    /**
     * What is at the target.
     *
     * @param row null: no row
     * @param exact whether the version differs even if the row was written anew as it was
     */
    record Target(String version, @Nullable Row row, boolean exact) implements Look {

        static final Target NOTHING = new Target("", null, false);
    }
}
