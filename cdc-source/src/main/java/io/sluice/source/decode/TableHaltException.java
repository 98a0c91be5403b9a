package io.sluice.source.decode;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.TableId;

/** One table can't go on; the others can. */
public final class TableHaltException extends RuntimeException {

    private final TableId table;
    private final HaltException halt;

    public TableHaltException(TableId table, HaltException halt) {
        super(halt.getMessage(), halt);
        this.table = table;
        this.halt = halt;
    }

    public TableId table() {
        return table;
    }

    public HaltException halt() {
        return halt;
    }
}
