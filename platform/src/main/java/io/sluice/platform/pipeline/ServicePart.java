package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.MapType;
import io.sluice.platform.config.NameRule;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.AggregateSpec;
import io.sluice.schemas.pipeline.Consistency;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** One entry of {@code services:}. */
final class ServicePart {

    static final Key<Section> TARGET = Key.required("target", TargetPart.SHAPE, "The service's database.");
    static final Key<Consistency> CONSISTENCY = Key.optional(
            "consistency",
            Types.oneOf(List.of(Consistency.values())),
            "eventual",
            "`strong`: the source's transactions become visible whole and in order, nothing is ever skipped, one source. "
                    + "`eventual`: each key in order, keys side by side. `best-effort`: as eventual, but a key goes on past a "
                    + "dead letter with the first later change that tells all of its row, which takes the letter's place.");
    static final Key<Integer> PARTITIONS = Key.optional(
            "partitions",
            Types.whole(1, 10_000),
            ServiceSpec.DEFAULT_PARTITIONS + ", and 1 where consistency is strong",
            "Partitions of each of its topics. Never changed later.");
    static final Key<Section> DEAD_LETTERS = Key.optional(
            "dead-letters",
            DeadLettersPart.SHAPE,
            "every default",
            "How much may be wrong with the data before the service stops.");
    static final Key<Integer> STANDBYS = Key.optional(
            "standbys",
            Types.whole(0, 10),
            "0",
            "How many other processes keep a copy of what the transform remembers, so that one of them takes over without "
                    + "reading it first.");
    static final Key<List<Named<Section>>> TABLES = Key.required(
            "tables",
            new MapType<>(NameRule.any("table"), TablePart.SHAPE),
            "The tables that it takes, by their name in the target.");
    static final Shape SHAPE = new Shape(
            "service",
            "A service: one database and the tables that it takes.",
            List.of(TARGET, CONSISTENCY, PARTITIONS, DEAD_LETTERS, STANDBYS, TABLES));

    private ServicePart() {}

    /**
     * A service as far as it could be read.
     *
     * @param target empty where that is wrong
     * @param complete whether every table could be read
     */
    record Draft(
            Named<Section> entry,
            Optional<TargetSpec> target,
            List<DraftTable> tables,
            boolean complete,
            Optional<ServiceSpec> spec) {

        boolean reads(TableId table) {
            return tables.stream().anyMatch(each -> each.spec().from().contains(table));
        }
    }

    /** A table, and the section to report at. */
    record DraftTable(TableSpec spec, Section section) {}

    static Draft read(
            Named<Section> entry, Map<String, Optional<SourceSpec.Kind>> sources, ExpressionChecker expressions) {
        Section section = entry.value();
        Consistency consistency = section.get(CONSISTENCY).orElse(Consistency.EVENTUAL);
        Optional<TargetSpec> target = section.get(TARGET).flatMap(TargetPart::read);
        // Where the target is wrong itself, a hypertable is no further mistake.
        boolean timescale = section.get(TARGET).isEmpty()
                || section.get(TARGET).get().sets(TargetPart.TIMESCALEDB)
                || !section.get(TARGET).get().sets(TargetPart.POSTGRESQL);
        TableContext context = new TableContext(sources, consistency, timescale, expressions);
        List<Named<Section>> entries = section.get(TABLES).orElse(List.of());
        if (section.get(TABLES).filter(List::isEmpty).isPresent()) {
            section.problem(TABLES, "names no table", "a service takes at least one");
        }
        List<DraftTable> tables = entries.stream()
                .flatMap(table -> new TableReader(table, context)
                        .read().map(spec -> new DraftTable(spec, table.value())).stream())
                .toList();
        checkNames(tables);
        if (consistency == Consistency.STRONG) {
            checkStrong(section, tables, sources.keySet());
        }
        List<TableSpec> specs = tables.stream().map(DraftTable::spec).toList();
        OptionalInt partitions = section.get(PARTITIONS).map(OptionalInt::of).orElse(OptionalInt.empty());
        DeadLettersSpec deadLetters =
                section.get(DEAD_LETTERS).map(DeadLettersPart::read).orElse(DeadLettersSpec.DEFAULT);
        int standbys = section.get(STANDBYS).orElse(0);
        return new Draft(
                entry,
                target,
                tables,
                section.get(TABLES).isPresent() && tables.size() == entries.size(),
                target.map(where -> new ServiceSpec(
                        entry.name(), where, consistency, partitions, deadLetters, standbys, specs, entry.place())));
    }

    private static void checkStrong(Section section, List<DraftTable> tables, Set<String> known) {
        List<String> sources = tables.stream()
                .flatMap(table -> table.spec().from().stream())
                .map(from -> from.source())
                .filter(known::contains)
                .distinct()
                .toList();
        if (sources.size() > 1) {
            section.problem(
                    CONSISTENCY,
                    "strong keeps the order of one source, and this service reads " + String.join(" and ", sources),
                    "make a service of each, or use another consistency");
        }
        if (section.sets(DEAD_LETTERS)) {
            section.problem(DEAD_LETTERS, "a strong service skips nothing, so it has no dead letters", "leave it out");
        }
        if (section.get(PARTITIONS).orElse(1) > 1) {
            section.problem(PARTITIONS, "a strong service has one partition, or its order is lost", "leave it out");
        }
    }

    /** {@code trades} and {@code public.trades} are one table; so is a view of that name. */
    private static void checkNames(List<DraftTable> tables) {
        Map<TargetTable, Place> seen = new HashMap<>();
        for (DraftTable draft : tables) {
            TableSpec table = draft.spec();
            List<TargetTable> names = new ArrayList<>(List.of(table.target()));
            List<Place> places = new ArrayList<>(List.of(table.place()));
            for (AggregateSpec view :
                    table.hypertable().map(value -> value.aggregates()).orElse(List.of())) {
                names.add(new TargetTable(table.target().schema(), view.name()));
                places.add(view.place());
            }
            for (int i = 0; i < names.size(); i++) {
                Place earlier = seen.putIfAbsent(names.get(i), places.get(i));
                if (earlier != null) {
                    draft.section()
                            .problemAt(
                                    places.get(i),
                                    "\"" + names.get(i) + "\" is made twice, first on line " + earlier.line(),
                                    "rename one of them");
                }
            }
        }
    }
}
