package io.sluice.control.reconcile;

import io.sluice.control.reconcile.TableComparison.Watcher;
import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.transform.mapping.Compilation;
import io.sluice.transform.mapping.CompiledMapping;
import io.sluice.transform.mapping.Mapping;
import io.sluice.transform.mapping.MappingProblem;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Compares one table of a service with its sources. Only reads. */
public final class Reconciler {

    private final Pipeline pipeline;
    private final Clock clock;

    public Reconciler(Pipeline pipeline, Clock clock) {
        this.pipeline = pipeline;
        this.clock = clock;
    }

    /**
     * How to go about it.
     *
     * @param sample which share of the target's rows is looked at; 1: all
     * @param mostDifferences how many are told one by one
     * @param showsValues whether keys and values of rows that differ may be told
     */
    public record Options(BigDecimal sample, int mostDifferences, boolean showsValues) {}

    /** Sees rows go by; a comparison goes no faster than this lets it. */
    public interface Progress {

        /** @param rows read since the last time, on either side */
        void read(long rows) throws InterruptedException;
    }

    /**
     * Compares it.
     *
     * @throws BadInputException if it can't be compared as the file has it
     * @throws EnvironmentException if a database can't be asked
     */
    public TableReport compare(
            ServiceSpec service, TableSpec table, Options options, Proof proof, HeldKeys held, Progress progress)
            throws InterruptedException {
        Instant begin = clock.instant();
        requireSupported(table);
        Proof.Applied applied = proof.await();
        try (Session target = Session.open(connector(reader(service.target())))) {
            Map<String, Session> sessions = new HashMap<>();
            try {
                for (TableId from : table.from()) {
                    if (!sessions.containsKey(from.source())) {
                        sessions.put(
                                from.source(),
                                Session.open(connector(source(from).connection())));
                    }
                }
                Job job = new Job(service, table, options, held, target, sessions);
                Findings findings = job.run(proof, applied, progress::read);
                return new TableReport(
                        service.name(),
                        table.target(),
                        options.sample().compareTo(BigDecimal.ONE) < 0 ? "sample" : "full",
                        findings.counts(),
                        findings.differences(),
                        job.plain,
                        applied.position(),
                        job.behind,
                        job.notes,
                        clock.instant(),
                        Duration.between(begin, clock.instant()));
            } finally {
                sessions.values().forEach(Session::close);
            }
        }
    }

    private void requireSupported(TableSpec table) {
        for (TableId from : table.from()) {
            if (source(from).kind() == SourceSpec.Kind.MONGODB) {
                throw new BadInputException(
                        "RECONCILE_UNFIT",
                        "collections of MongoDB can't be compared yet",
                        "table " + table.target(),
                        "Leave it out: name the other tables with --table.");
            }
        }
    }

    private SourceSpec source(TableId table) {
        return pipeline.source(table.source()).orElseThrow();
    }

    private PostgresConnector connector(ConnectionSpec connection) {
        return PostgresConnector.of(connection, "sluice-reconcile-" + pipeline.name());
    }

    private static ConnectionSpec reader(TargetSpec target) {
        ConnectionSpec writer = target.connection();
        return target.reader()
                .map(url -> new ConnectionSpec(
                        url,
                        Optional.empty(),
                        Optional.empty(),
                        writer.tls(),
                        writer.connectTimeout(),
                        writer.maxConnections(),
                        writer.place()))
                .orElse(writer);
    }

    /** One comparison, with its connections. */
    private static final class Job {

        private final ServiceSpec service;
        private final TableSpec table;
        private final Options options;
        private final HeldKeys held;
        private final Session target;
        private final Map<String, Session> sources;
        private List<String> notes = List.of();
        private List<String> behind = List.of();
        private Optional<TableReport.Plain> plain = Optional.empty();

        Job(
                ServiceSpec service,
                TableSpec table,
                Options options,
                HeldKeys held,
                Session target,
                Map<String, Session> sources) {
            this.service = service;
            this.table = table;
            this.options = options;
            this.held = held;
            this.target = target;
            this.sources = sources;
        }

        /** A source table with its mapping. */
        private record Mapped(TableId id, PostgresTable table, CompiledMapping mapping) {}

        Findings run(Proof proof, Proof.Applied applied, Watcher watcher) throws InterruptedException {
            List<Mapped> mapped = new ArrayList<>();
            for (TableId from : table.from()) {
                mapped.add(mapped(from));
            }
            CompiledMapping first = mapped.get(0).mapping();
            PostgresTable found = target.ask(
                    () -> target.table(table.target().schema(), table.target().table()));
            Findings findings = compare(first, mapped, found, proof, applied, watcher);
            plain = plain(mapped.get(0), found, proof);
            return findings;
        }

        private Mapped mapped(TableId from) throws InterruptedException {
            Session session = session(from);
            PostgresTable found = session.ask(() -> session.table(from.schema(), from.table()));
            Compilation compilation = Mapping.compile(service, table, session.source(from, found));
            if (compilation instanceof Compilation.Refused refused) {
                throw new BadInputException(
                        "RECONCILE_UNFIT",
                        refused.problems().stream()
                                .map(MappingProblem::toString)
                                .collect(Collectors.joining("; ")),
                        "table " + table.target(),
                        "Mend the file, or the source's table.");
            }
            return new Mapped(from, found, ((Compilation.Compiled) compilation).mapping());
        }

        private Session session(TableId table) {
            Session session = sources.get(table.source());
            if (session == null) {
                throw new IllegalStateException("every source was opened");
            }
            return session;
        }

        private Findings compare(
                CompiledMapping first,
                List<Mapped> mapped,
                PostgresTable found,
                Proof proof,
                Proof.Applied applied,
                Watcher watcher)
                throws InterruptedException {
            RowSchema expected = first.target();
            RowMatch match = new RowMatch(table, expected, found.row());
            notes = match.notes();
            TargetSide there = target(match, first.keySchema(), expected, found);
            List<SourceSide> here = new ArrayList<>();
            long estimate = 0;
            for (Mapped each : mapped) {
                here.add(source(each, match));
                estimate = each.table().estimatedRows() < 0 || estimate < 0
                        ? -1
                        : estimate + each.table().estimatedRows();
            }
            // Elsewhere a row may go from one to another while we look.
            boolean disjoint = mapped.size() == 1 || table.hasKeysApart();
            Findings findings = new Findings(
                    options.mostDifferences(),
                    options.showsValues(),
                    first.keySchema().keyColumns());
            Settling settling = new Settling(here, there, disjoint, proof, held, match, findings);
            settling.isBehind(applied.behind());
            new TableComparison(
                            match,
                            first.keySchema(),
                            here,
                            there,
                            settling,
                            findings,
                            new KeySums(estimate),
                            Sampling.of(options.sample()),
                            watcher)
                    .run();
            behind = settling.behind();
            return findings;
        }

        private Optional<TableReport.Plain> plain(Mapped from, PostgresTable found, Proof proof)
                throws InterruptedException {
            Optional<PlainColumns> columns = PlainColumns.of(table, from.table().row(), found.row());
            if (columns.isEmpty()) {
                return Optional.empty();
            }
            PlainCheck check =
                    new PlainCheck(columns.get(), from.table(), found, session(from.id()), target, isVersioned());
            return Optional.of(check.run(proof, behind.isEmpty()));
        }

        /** A compressed chunk of a hypertable does not tell who wrote a row. */
        private boolean isVersioned() {
            return table.hypertable().isEmpty();
        }

        private TargetSide target(RowMatch match, RowSchema key, RowSchema expected, PostgresTable found)
                throws InterruptedException {
            List<Column> columns = new ArrayList<>();
            Column mark = null;
            for (Column column : found.row().columns()) {
                boolean marks =
                        RowMatch.mark(table).filter(column.name()::equals).isPresent();
                if (expected.indexOf(column.name()) >= 0 || marks) {
                    columns.add(column);
                }
                mark = marks ? column : mark;
            }
            List<Column> keys = key.keyColumns().stream()
                    .map(name -> found.row().column(found.row().indexOf(name)))
                    .toList();
            return new TargetSide(
                    match,
                    key,
                    target.ask(() -> target.indexOrder(found, key.keyColumns())),
                    mark,
                    target.keys(found, new RowSchema(found.name(), keys, key.keyColumns())),
                    target.seeker(found, new RowSchema(found.name(), columns, key.keyColumns()), isVersioned()),
                    target);
        }

        private SourceSide source(Mapped mapped, RowMatch match) {
            Session session = session(mapped.id());
            RowSchema rows = mapped.table().row();
            return new SourceSide(
                    mapped.mapping(),
                    match,
                    mapped.table().wholeRowKey() ? List.of() : rows.keyColumns(),
                    session.scanner(mapped.table(), rows),
                    session.seeker(mapped.table(), rows, true));
        }
    }
}
