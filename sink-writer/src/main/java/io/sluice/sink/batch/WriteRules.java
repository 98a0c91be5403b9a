package io.sluice.sink.batch;

import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.HypertableSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.WriteSpec;
import java.util.Objects;
import java.util.Optional;

/**
 * What the changes of a table may do to rows that are there already.
 *
 * @param hypertable what the database itself does to old rows: compresses them, or drops them
 * @param contested whether others write the table, too, and may have deleted a row
 * @param shared whether several source tables may have a row of one key, which goes when the last of them no longer has it; then
 *     it is kept which of them have it
 */
public record WriteRules(
        WriteSpec write,
        DeletePolicy deletes,
        ConflictSpec conflict,
        Optional<HypertableSpec> hypertable,
        boolean contested,
        boolean shared) {

    /** A row is what arrived last, and gone when that says so. */
    public static final WriteRules PLAIN =
            new WriteRules(WriteSpec.upsert(), new DeletePolicy.Hard(), ConflictSpec.sourceWins());

    public WriteRules {
        Objects.requireNonNull(write, "write");
        Objects.requireNonNull(deletes, "deletes");
        Objects.requireNonNull(conflict, "conflict");
        Objects.requireNonNull(hypertable, "hypertable");
    }

    /** The rules of a plain table. */
    public WriteRules(WriteSpec write, DeletePolicy deletes, ConflictSpec conflict) {
        this(write, deletes, conflict, Optional.empty(), false);
    }

    /** The rules of a table that others write only where its conflicts are a person's to decide. */
    public WriteRules(
            WriteSpec write,
            DeletePolicy deletes,
            ConflictSpec conflict,
            Optional<HypertableSpec> hypertable,
            boolean shared) {
        this(write, deletes, conflict, hypertable, conflict.resolve() == ConflictSpec.Resolution.MANUAL, shared);
    }

    public static WriteRules of(TableSpec table) {
        return new WriteRules(table.write(), table.deletes(), table.conflict(), table.hypertable(), isShared(table));
    }

    /** Where the key names the source, no two of them have one row; and where no row goes, it does not matter who has it. */
    private static boolean isShared(TableSpec table) {
        return table.hasSeveralSources()
                && table.sourceInKey().isEmpty()
                && !(table.deletes() instanceof DeletePolicy.Ignore);
    }

    /** Whether a row that is there stays as it is. */
    public boolean keepsFirst() {
        return write.mode() != WriteSpec.Mode.UPSERT;
    }

    /** Whether an upsert of a row that is there changes this column. */
    public boolean changes(String column) {
        return !keepsFirst() && (write.update().isEmpty() || write.update().contains(column));
    }

    public boolean ignoresDeletes() {
        return deletes instanceof DeletePolicy.Ignore;
    }

    /** The column that marks a row as deleted; empty where rows go. */
    public Optional<String> mark() {
        return deletes instanceof DeletePolicy.Soft soft ? Optional.of(soft.column()) : Optional.empty();
    }

    /** The column whose later value prevails; empty where the later change does. */
    public Optional<String> latest() {
        return conflict.resolve() == ConflictSpec.Resolution.LAST_WRITE_WINS ? conflict.by() : Optional.empty();
    }

    /** The column by which a row of the target is told to be newer, so that a person has to decide; empty where nobody has to. */
    public Optional<String> decided() {
        return conflict.resolve() == ConflictSpec.Resolution.MANUAL ? conflict.by() : Optional.empty();
    }

    /** The column whose later value keeps a row of the target from being overwritten; empty where nothing does. */
    public Optional<String> guard() {
        return latest().or(this::decided);
    }

    /** What a person has decided is written over whatever is there. */
    public WriteRules overruled() {
        return decided().isEmpty()
                ? this
                : new WriteRules(write, deletes, ConflictSpec.sourceWins(), hypertable, true, shared);
    }

    /** The column by which it is told whether the source overwrites something newer; empty where nobody wants to know. */
    public Optional<String> watched() {
        return conflict.resolve() == ConflictSpec.Resolution.SOURCE_WINS && conflict.alert()
                ? conflict.by()
                : Optional.empty();
    }
}
