package io.sluice.schemas.pipeline;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A service: one target database and the tables it takes.
 *
 * @param partitions of each of its topics, unless a table says otherwise
 * @param deadLetters how many it may write before it stops; a strong service writes none
 * @param standbys how many other processes keep a copy of what its transform remembers ready
 */
public record ServiceSpec(
        String name,
        TargetSpec target,
        Consistency consistency,
        OptionalInt partitions,
        DeadLettersSpec deadLetters,
        int standbys,
        List<TableSpec> tables,
        Place place) {

    public static final int DEFAULT_PARTITIONS = 6;

    public ServiceSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(consistency, "consistency");
        Objects.requireNonNull(partitions, "partitions");
        Objects.requireNonNull(deadLetters, "deadLetters");
        tables = List.copyOf(tables);
        Objects.requireNonNull(place, "place");
    }

    /** Without standbys. */
    public ServiceSpec(
            String name,
            TargetSpec target,
            Consistency consistency,
            OptionalInt partitions,
            DeadLettersSpec deadLetters,
            List<TableSpec> tables,
            Place place) {
        this(name, target, consistency, partitions, deadLetters, 0, tables, place);
    }

    public static ServiceSpec eventual(String name, TargetSpec target, List<TableSpec> tables) {
        return new ServiceSpec(
                name,
                target,
                Consistency.EVENTUAL,
                OptionalInt.empty(),
                DeadLettersSpec.DEFAULT,
                tables,
                Place.NOWHERE);
    }

    public static ServiceSpec strong(String name, TargetSpec target, List<TableSpec> tables) {
        return new ServiceSpec(
                name, target, Consistency.STRONG, OptionalInt.empty(), DeadLettersSpec.DEFAULT, tables, Place.NOWHERE);
    }

    public boolean isStrong() {
        return consistency == Consistency.STRONG;
    }

    /** Whether any of its tables takes source rows apart. */
    public boolean splits() {
        return tables.stream().anyMatch(table -> table.split().isPresent());
    }

    /** How many partitions the topics of this table have. Order across tables needs a single one. */
    public int partitionsOf(TableSpec table) {
        return isStrong() ? 1 : table.partitions().orElse(partitions.orElse(DEFAULT_PARTITIONS));
    }

    /**
     * How many partitions the change topic of this source table has: the most that any of this service's tables wants of it.
     */
    public int partitionsOf(TableId source) {
        return tables.stream()
                .filter(table -> table.from().contains(source))
                .mapToInt(this::partitionsOf)
                .max()
                .orElseThrow(() -> new IllegalArgumentException(name + " does not read " + source));
    }

    public Optional<TableSpec> table(TargetTable target) {
        return tables.stream().filter(table -> table.target().equals(target)).findFirst();
    }

    /** The source tables it reads, each once, in the file's order. */
    public List<TableId> reads() {
        return tables.stream()
                .flatMap(table -> table.from().stream())
                .distinct()
                .toList();
    }
}
