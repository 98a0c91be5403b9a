package io.sluice.schemas.mapper;

import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.RowSchema;
import java.util.List;

/**
 * A mapping for what the pipeline file can't say: {@code mapper: {jar: …, class: …}} of a table names the class, which has a
 * public constructor without parameters.
 *
 * <p>It must be pure: the same change always gives the same rows. A change may be given again, after a crash or in a load, and
 * then must change nothing; one instance is used by several threads. So no clock, no random number, no state, no files and no
 * network.
 *
 * <p>What it gives is held to what a mapping in the file is held to: each value must fit its column exactly, each key must be
 * whole. What does not, or an exception, rejects the change.
 */
public interface RowMapper {

    /**
     * The target table's columns. Called for each shape of the source table before any of its changes, so that a table can be
     * made and the mapping be checked.
     *
     * @param source the source table's columns and key
     */
    List<MappedColumn> columns(RowSchema source);

    /**
     * Says what becomes of one change, in the order in which it is to happen.
     *
     * @param change an {@link Change.Upserted} or {@link Change.Deleted}; a truncated table never comes here. Its row before is
     *     there where the source tells it. A value that the log left out is {@link io.sluice.schemas.model.Unchanged}; handed on
     *     as it is, it leaves the target's value alone.
     */
    void map(Change change, RowChanges changes);
}
