package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.Baselines;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/**
 * Input that comes again from any point on leaves the rows that it left the first time, even for a reader that does not drop
 * what it has met before.
 */
class ReplayTest {

    private static final List<TargetTable> TABLES = List.of(
            ServiceFixture.ACCOUNTS_COPY, ServiceFixture.BALANCES, ServiceFixture.USERS_COPY, ServiceFixture.CONTACTS);

    private final InMemorySchemaStore schemas = new InMemorySchemaStore();
    private final ServiceFixture fixture = new ServiceFixture(schemas, 1);

    /** One thing that happens at the source: to an account or a user, with a value; a negative one deletes. */
    record Step(boolean user, int id, int value) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(1, 4),
                        Arbitraries.integers().between(-2, 6))
                .as(Step::new)
                .list()
                .ofMaxSize(40);
    }

    @Property(tries = 60)
    void repeatedInputLeavesTheSameRows(
            @ForAll("steps") List<Step> steps,
            @ForAll @IntRange(max = 40) int upTo,
            @ForAll @IntRange(max = 40) int from) {
        Map<Integer, Row> accounts = new HashMap<>();
        Map<Integer, Row> users = new HashMap<>();
        List<Change> changes = new ArrayList<>();
        steps.forEach(step -> happen(step, step.user() ? users : accounts, changes));
        int reached = Math.min(upTo, changes.size());
        List<Change> twice = new ArrayList<>(changes.subList(0, reached));
        twice.addAll(changes.subList(Math.min(from, reached), changes.size()));

        Map<TargetTable, Map<Key, List<Object>>> once = rows(changes, false);

        assertThat(rows(twice, true)).isEqualTo(once);
        assertThat(once.get(ServiceFixture.ACCOUNTS_COPY)).hasSize(accounts.size());
        assertThat(once.get(ServiceFixture.CONTACTS)).hasSize(users.size());
        assertThat(once.get(ServiceFixture.ACCOUNTS_COPY).values())
                .containsExactlyInAnyOrderElementsOf(
                        accounts.values().stream().map(ReplayTest::values).toList());
    }

    /** As a database would: keeps the tables true, and says what the log would say. */
    private void happen(Step step, Map<Integer, Row> table, List<Change> changes) {
        Row before = table.get(step.id());
        if (step.value() < 0) {
            if (before != null) {
                table.remove(step.id());
                changes.add(
                        step.user() ? fixture.users.delete(before) : fixture.accounts.deleteByKey((long) step.id()));
            }
            return;
        }
        if (step.user()) {
            // The id keeps the mail unique, as the target's key needs; the value moves it.
            Row after = fixture.users.row(step.id(), step.id() + "-" + step.value() + "@b");
            table.put(step.id(), after);
            changes.add(
                    before == null
                            ? fixture.users.insert(after.value(0), after.value(1))
                            : fixture.users.update(before, after));
            return;
        }
        BigDecimal balance = BigDecimal.valueOf(step.value(), 2);
        Object owner = before == null ? "owner " + step.value() : before.value("owner");
        table.put(step.id(), fixture.accounts.row((long) step.id(), owner, balance));
        changes.add(fixture.accounts.insert((long) step.id(), before == null ? owner : Unchanged.UNCHANGED, balance));
    }

    private Map<TargetTable, Map<Key, List<Object>>> rows(List<Change> changes, boolean repeated) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "shop.ledger.transform");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        TransformMeters meters = new TransformMeters(new SimpleMeterRegistry(), "shop", "ledger");
        Map<TargetTable, Map<Key, List<Object>>> tables = new HashMap<>();
        try (TopologyTestDriver driver = new TopologyTestDriver(
                TransformTopology.of(
                        fixture.names,
                        fixture.service,
                        schemas,
                        meters,
                        new PolledRecords(StreamsSettings.MAX_POLL_RECORDS),
                        Baselines.NONE),
                properties)) {
            for (Change change : changes) {
                driver.createInputTopic(
                                fixture.changesOf(change.table()), new ByteArraySerializer(), new ByteArraySerializer())
                        .pipeInput(fixture.key(change), fixture.value(change));
            }
            for (TargetTable table : TABLES) {
                Map<Key, List<Object>> rows = new HashMap<>();
                driver.createOutputTopic(
                                fixture.rowsOf(table), new ByteArrayDeserializer(), new ByteArrayDeserializer())
                        .readRecordsToList()
                        .forEach(record -> apply(record, rows, repeated));
                tables.put(table, rows);
            }
        }
        return tables;
    }

    private void apply(TestRecord<byte[], byte[]> record, Map<Key, List<Object>> rows, boolean repeated) {
        Key key = fixture.rowKey(record.key());
        Row row = fixture.row(record.value(), record.headers());
        if (row == null) {
            rows.remove(key);
            return;
        }
        List<Object> stored = rows.get(key);
        List<Object> values = values(row);
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) == Unchanged.UNCHANGED) {
                if (stored == null) {
                    // An update from before a delete that is already there: the delete comes again, too.
                    assertThat(repeated).isTrue();
                    return;
                }
                values.set(i, stored.get(i));
            }
        }
        rows.put(key, values);
    }

    private static List<Object> values(Row row) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < row.schema().size(); i++) {
            values.add(row.value(i));
        }
        return values;
    }
}
