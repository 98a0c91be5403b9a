package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.registry.LocalRegistry;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.source.request.LoadRequest;
import io.sluice.source.testing.JavaChild;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * {@code kill -9} under load, at places that hurt and at random. Each update raises its row's counter, so the topic must hold
 * every value once and in order. The controls take one safeguard away: the same look must then find what is wrong.
 */
class KillIT {

    private static final int KILLS = Integer.getInteger("KILLS", 15);

    /** Each place in the order in which they can be reached; those without the controls'. */
    private static final List<Safeguards.Point> POINTS = List.of(
            Safeguards.Point.INTENT_STORED,
            Safeguards.Point.SLOT_MADE,
            Safeguards.Point.LOAD_ROWS_SENT,
            Safeguards.Point.LOAD_COMMITTED,
            Safeguards.Point.CHUNK_SENT,
            Safeguards.Point.CHUNK_COMMITTED,
            Safeguards.Point.INSIDE_TRANSACTION,
            Safeguards.Point.LOAD_ENDED,
            Safeguards.Point.COMMITTING,
            Safeguards.Point.COMMITTED,
            Safeguards.Point.OFFSET_SERVED);

    @Test
    void nothingIsLostOrDoubledWhenTheProcessIsKilled() throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
                Capture capture = new Capture("kill", schemas)) {
            MixedLoad.tables(capture);
            capture.reading(MixedLoad.TABLES);
            Map<Safeguards.Point, Integer> hits = new EnumMap<>(Safeguards.Point.class);
            Random random = new Random(7);
            try (MixedLoad load = new MixedLoad(capture.database.jdbcUrl())) {
                for (int kill = 0; kill < KILLS; kill++) {
                    // The first ones at the places that only a first start passes, then every other one at random.
                    boolean atPlace = kill < POINTS.size() || kill % 2 == 0;
                    Safeguards.Point point =
                            POINTS.get(kill < POINTS.size() ? kill : 4 + (kill / 2) % (POINTS.size() - 4));
                    if (needsLoad(point) || kill % 5 == 0) {
                        capture.ask(LoadRequest.load(Capture.id("items")));
                    }
                    if (atPlace) {
                        JavaChild child = Child.endingAt(
                                capture, registry.url(), point, isPassedOnce(point) ? 0 : random.nextInt(3));
                        child.awaitEnd(point.name());
                        hits.merge(point, 1, Integer::sum);
                    } else {
                        JavaChild child = Child.of(capture, registry.url());
                        child.awaitState("CHANGING");
                        TimeUnit.MILLISECONDS.sleep(random.nextInt(1_500));
                        child.kill();
                    }
                }
                load.stop();
            }
            PostgresSource last = capture.start();
            Capture.awaitStreaming(last);
            capture.awaitCaughtUp(last);

            Verdict verdict = verdict(capture);
            System.out.println(verdict.line(KILLS));
            assertThat(verdict.isClean()).as(verdict.details()).isTrue();
            if (KILLS >= POINTS.size()) {
                assertThat(hits.keySet()).containsAll(POINTS);
            }
        }
    }

    private static boolean isPassedOnce(Safeguards.Point point) {
        return switch (point) {
            case INTENT_STORED, SLOT_MADE, LOAD_COMMITTED, LOAD_ENDED -> true;
            default -> false;
        };
    }

    private static boolean needsLoad(Safeguards.Point point) {
        return switch (point) {
            case CHUNK_SENT, CHUNK_COMMITTED, LOAD_ENDED -> true;
            default -> false;
        };
    }

    private static Verdict verdict(Capture capture) throws Exception {
        Verdict verdict = new Verdict();
        for (String table : MixedLoad.TABLES) {
            Verdict.Table of = verdict.table(table, MixedLoad.COUNTED.contains(table));
            Map<Key, Row> left = capture.swept(table, of::add);
            of.end(left, capture.lines("SELECT * FROM " + table));
        }
        return verdict;
    }

    @Test
    void withoutThePositionFilterChangesAreDoubled() throws Exception {
        assertThat(controlled("position-filter", Safeguards.Point.COMMITTED).doubled())
                .isPositive();
    }

    @Test
    void withoutTheOffsetInTheTransactionChangesAreDoubled() throws Exception {
        assertThat(controlled("offset-in-transaction", Safeguards.Point.CHANGES_COMMITTED)
                        .doubled())
                .isPositive();
    }

    private static Verdict controlled(String without, Safeguards.Point point) throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
                Capture capture = new Capture("control", schemas)) {
            MixedLoad.tables(capture);
            capture.reading(MixedLoad.TABLES);
            try (MixedLoad load = new MixedLoad(capture.database.jdbcUrl())) {
                for (int kill = 0; kill < 3; kill++) {
                    Child.endingAt(capture, registry.url(), point, 5, without).awaitEnd(point.name());
                }
                JavaChild last = Child.of(capture, registry.url(), without);
                last.awaitState("CHANGING");
                load.stop();
                last.kill();
            }
            capture.endOpenTransaction();
            return verdict(capture);
        }
    }

    @Test
    void aFrozenInstanceLosesTheSlotAndStopsWhenItWakes() throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
                Capture capture = new Capture("frozen", schemas)) {
            JavaChild frozen = frozenUnderLoad(capture, registry, "");
            try {
                PostgresSource second = capture.start();
                capture.awaitCaughtUp(second);
                frozen.signal("CONT");

                assertThatThrownBy(() -> frozen.awaitState("NEVER")).hasMessageContaining("SOURCE_TAKEN_OVER");
                capture.execute("INSERT INTO items VALUES (-2, 1, -2, 1, 'after')");
                capture.awaitCaughtUp(second);
                Verdict verdict = verdict(capture);
                assertThat(verdict.isClean()).as(verdict.details()).isTrue();
            } finally {
                frozen.kill();
            }
        }
    }

    @Test
    void withoutTheFenceAFrozenInstanceDoublesChangesWhenItWakes() throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
                Capture capture = new Capture("unfenced", schemas)) {
            JavaChild frozen = frozenUnderLoad(capture, registry, "fence");
            JavaChild second = Child.of(capture, registry.url(), "fence");
            try {
                second.awaitState("CHANGING");
                capture.execute("UPDATE items SET counter = counter + 1, tx = -3, size = 1 WHERE id = 1");
                frozen.signal("CONT");
                Awaitility.await()
                        .atMost(Capture.PATIENCE)
                        .pollInterval(java.time.Duration.ofSeconds(1))
                        .until(() -> verdict(capture).doubled() > 0);
            } finally {
                frozen.kill();
                second.kill();
            }
        }
    }

    /** An instance that is stopped with changes that it has sent and not yet committed. */
    private static JavaChild frozenUnderLoad(Capture capture, LocalRegistry registry, String without) throws Exception {
        MixedLoad.tables(capture);
        capture.reading(MixedLoad.TABLES);
        JavaChild frozen = Child.freezingAt(capture, registry.url(), Safeguards.Point.COMMITTING, without);
        try (MixedLoad load = new MixedLoad(capture.database.jdbcUrl())) {
            Awaitility.await().atMost(Capture.PATIENCE).until(frozen::isFrozen);
            load.stop();
        }
        return frozen;
    }
}
