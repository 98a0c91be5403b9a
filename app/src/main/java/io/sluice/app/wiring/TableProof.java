package io.sluice.app.wiring;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.control.proof.AppliedThrough;
import io.sluice.control.proof.AppliedThrough.SourceMark;
import io.sluice.control.reconcile.Proof;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.source.engine.PostgresSource;
import io.sluice.source.position.TableState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.replication.LogSequenceNumber;

/**
 * Whether the changes of one table are applied, asked from outside of the processes that do it: they may run anywhere, or not at
 * all. Other tables and services, which may be behind or halted, are of no account.
 */
public final class TableProof implements Proof {

    private final Pipeline alone;
    private final ServiceSpec service;
    private final TableSpec table;
    private final Servers servers;
    private final Duration patience;
    private final Map<String, PostgresSource> sources = new LinkedHashMap<>();

    /** @param patience how long a wait may last */
    public TableProof(Pipeline pipeline, ServiceSpec service, TableSpec table, Servers servers, Duration patience) {
        this.service = service;
        this.table = table;
        this.servers = servers;
        this.patience = patience;
        for (TableId from : table.from()) {
            SourceSpec source = pipeline.source(from.source()).orElseThrow();
            sources.computeIfAbsent(
                    from.source(),
                    name -> new PostgresSource(
                            pipeline, source, servers.kafka(), servers.schemas(), new SimpleMeterRegistry()));
        }
        this.alone = alone(pipeline, service, table);
    }

    private static Pipeline alone(Pipeline pipeline, ServiceSpec service, TableSpec table) {
        ServiceSpec only = new ServiceSpec(
                service.name(),
                service.target(),
                service.consistency(),
                service.partitions(),
                service.deadLetters(),
                List.of(table),
                service.place());
        return new Pipeline(
                pipeline.name(),
                pipeline.kafka(),
                pipeline.registry(),
                pipeline.control(),
                pipeline.topics(),
                pipeline.maxRecordBytes(),
                pipeline.sources(),
                List.of(only),
                pipeline.settings(),
                pipeline.place());
    }

    @Override
    public Applied await() throws InterruptedException {
        Map<String, String> positions = new LinkedHashMap<>();
        List<String> halted = new ArrayList<>();
        Map<String, SourceMark> marks = new LinkedHashMap<>();
        sources.forEach((name, source) -> marks.put(name, () -> {
            long position = source.mark();
            positions.put(name, name + " " + LogSequenceNumber.valueOf(position).asString());
            return () -> hasPassed(name, source, position) && isWhole(name, source, halted);
        }));
        List<String> behind = new AppliedThrough(alone, servers.kafka(), marks, Proofs.ledgers(alone))
                .await(patience, () -> !halted.isEmpty());
        return new Applied(String.join(", ", positions.values()), halted.isEmpty() ? behind : halted);
    }

    private boolean hasPassed(String name, PostgresSource source, long position) {
        SourceSpec spec = alone.source(name).orElseThrow();
        return Proofs.hasPassed(
                PostgresConnector.of(spec.connection(), "sluice-proof-" + alone.name()),
                source.slot(),
                Long.toUnsignedString(position));
    }

    /** A slot says nothing of rows that a load still has to read, nor of changes that a halted table discards. */
    private boolean isWhole(String name, PostgresSource source, List<String> halted) {
        Map<TableId, TableState> stored = source.stored();
        boolean whole = true;
        for (TableId from : table.from()) {
            if (!from.source().equals(name)) {
                continue;
            }
            TableState state = stored.get(from);
            TableState.Halted halt = state == null ? null : state.halted();
            if (halt != null) {
                halted.add("source " + name + ", where table " + from + " is halted [" + halt.code() + "]");
            }
            whole &=
                    state != null && state.loading() == null && state.services().contains(service.name());
        }
        return whole;
    }
}
