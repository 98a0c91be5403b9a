package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.localstack.registry.LocalRegistry;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.registry.SchemaRegistryClient;
import io.sluice.schemas.model.Change;
import io.sluice.source.request.LoadRequest;
import io.sluice.source.testing.JavaChild;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@code kill -9} under load, and in the strong service's topic every transaction has both bounds and what they count. */
class StrongKillIT {

    private static final int KILLS = Integer.getInteger("STRONG_KILLS", 8);

    private static final List<Safeguards.Point> POINTS = List.of(
            Safeguards.Point.LOAD_ROWS_SENT,
            Safeguards.Point.INSIDE_TRANSACTION,
            Safeguards.Point.CHUNK_COMMITTED,
            Safeguards.Point.COMMITTING,
            Safeguards.Point.COMMITTED,
            Safeguards.Point.OFFSET_SERVED);

    @Test
    void everyTransactionIsWholeWhateverIsKilled() throws Exception {
        try (LocalRegistry registry = LocalRegistry.startTemporary();
                SchemaRegistryClient schemas = SchemaRegistryClient.open(RegistrySettings.of(registry.url()));
                Capture capture = new Capture("strongkill", schemas)) {
            MixedLoad.tables(capture);
            capture.reading(Map.of("orders", List.of(MixedLoad.TABLES), Capture.STRONG, MixedLoad.COUNTED));
            Random random = new Random(11);
            try (MixedLoad load = new MixedLoad(capture.database.jdbcUrl())) {
                for (int kill = 0; kill < KILLS; kill++) {
                    if (kill < POINTS.size()) {
                        Safeguards.Point point = POINTS.get(kill);
                        if (point == Safeguards.Point.CHUNK_COMMITTED) {
                            capture.ask(LoadRequest.load(Capture.id("items")));
                        }
                        Child.endingAt(capture, registry.url(), point, random.nextInt(3))
                                .awaitEnd(point.name());
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

            OrderedTopic topic = OrderedTopic.read(capture);
            Verdict verdict = new Verdict();
            for (String table : MixedLoad.COUNTED) {
                List<Change> changes = topic.changes(table);
                Verdict.Table of = verdict.table(table, true);
                changes.forEach(of::add);
                of.end(Capture.replayed(changes), capture.lines("SELECT * FROM " + table));
                assertThat(capture.changesAsTheyAre(table)).hasSameSizeAs(changes);
            }
            System.out.println(topic.transactions().size() + " transactions whole, " + verdict.line(KILLS));
            assertThat(verdict.isClean()).as(verdict.details()).isTrue();
            Set<String> names = new HashSet<>();
            assertThat(topic.transactions()).allMatch(each -> names.add(each.name()));
            assertThat(topic.transactions()).hasSizeGreaterThan(100);
        }
    }
}
