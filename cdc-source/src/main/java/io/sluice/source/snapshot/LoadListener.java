package io.sluice.source.snapshot;

import io.sluice.schemas.model.TableId;

/** Is told how the load goes. */
public interface LoadListener {

    void loading(TableId table, long estimatedRows);

    void rowsRead(TableId table, long rows);

    void loaded(TableId table, long rows);
}
