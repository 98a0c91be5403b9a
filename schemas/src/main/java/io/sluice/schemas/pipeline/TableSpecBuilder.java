package io.sluice.schemas.pipeline;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes a {@link TableSpec} in which everything that is not said has its default. */
public final class TableSpecBuilder {

    private final TargetTable target;
    private final List<TableId> from;
    private List<String> key = List.of();
    private Optional<Expression> where = Optional.empty();
    private ColumnsSpec columns = ColumnsSpec.everything();
    private Optional<SplitSpec> split = Optional.empty();
    private List<RuleSpec> rules = List.of();
    private WriteSpec write = WriteSpec.upsert();
    private ConflictSpec conflict = ConflictSpec.sourceWins();
    private DeletePolicy deletes = new DeletePolicy.Hard();
    private TruncatePolicy onTruncate = TruncatePolicy.HALT;
    private DriftPolicy onDrift = DriftPolicy.ADD;
    private OptionalInt partitions = OptionalInt.empty();
    private boolean disjointKeys;
    private Optional<ReconcileSpec> reconcile = Optional.empty();
    private Optional<HypertableSpec> hypertable = Optional.empty();
    private Optional<MapperSpec> mapper = Optional.empty();
    private Place place = Place.NOWHERE;

    TableSpecBuilder(TargetTable target, List<TableId> from) {
        this.target = target;
        this.from = from;
    }

    public TableSpecBuilder key(List<String> key) {
        this.key = key;
        return this;
    }

    public TableSpecBuilder where(Expression where) {
        this.where = Optional.of(where);
        return this;
    }

    public TableSpecBuilder columns(ColumnsSpec columns) {
        this.columns = columns;
        return this;
    }

    public TableSpecBuilder split(SplitSpec split) {
        this.split = Optional.of(split);
        return this;
    }

    public TableSpecBuilder rules(List<RuleSpec> rules) {
        this.rules = rules;
        return this;
    }

    public TableSpecBuilder write(WriteSpec write) {
        this.write = write;
        return this;
    }

    public TableSpecBuilder conflict(ConflictSpec conflict) {
        this.conflict = conflict;
        return this;
    }

    public TableSpecBuilder deletes(DeletePolicy deletes) {
        this.deletes = deletes;
        return this;
    }

    public TableSpecBuilder onTruncate(TruncatePolicy onTruncate) {
        this.onTruncate = onTruncate;
        return this;
    }

    public TableSpecBuilder onDrift(DriftPolicy onDrift) {
        this.onDrift = onDrift;
        return this;
    }

    public TableSpecBuilder partitions(int partitions) {
        this.partitions = OptionalInt.of(partitions);
        return this;
    }

    public TableSpecBuilder disjointKeys(boolean disjointKeys) {
        this.disjointKeys = disjointKeys;
        return this;
    }

    public TableSpecBuilder reconcile(ReconcileSpec reconcile) {
        this.reconcile = Optional.of(reconcile);
        return this;
    }

    public TableSpecBuilder hypertable(HypertableSpec hypertable) {
        this.hypertable = Optional.of(hypertable);
        return this;
    }

    public TableSpecBuilder mapper(MapperSpec mapper) {
        this.mapper = Optional.of(mapper);
        return this;
    }

    public TableSpecBuilder place(Place place) {
        this.place = place;
        return this;
    }

    public TableSpec build() {
        return new TableSpec(
                target,
                from,
                key,
                where,
                columns,
                split,
                rules,
                write,
                conflict,
                deletes,
                onTruncate,
                onDrift,
                partitions,
                disjointKeys,
                reconcile,
                hypertable,
                mapper,
                place);
    }
}
