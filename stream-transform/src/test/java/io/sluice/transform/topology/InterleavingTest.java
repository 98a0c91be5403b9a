package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.deadletter.ReplayRequest;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.RuleSpec;
import io.sluice.schemas.pipeline.TableSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.streams.test.TestRecord;

/**
 * Whatever the mapping (a copy, a filter, a split, a rule that parks keys), in whatever order the changes of different keys are
 * read, how often the input is read again, and when somebody asks for what is parked: the rows at the target are the same.
 */
class InterleavingTest {

    private static final TargetTable COPY = ServiceFixture.USERS_COPY;
    private static final TargetTable FILTERED = ServiceFixture.CONTACTS;
    private static final TargetTable SPLIT = ServiceFixture.LINES;

    /** What of the service there is; the rule is the copy's. */
    record Shape(boolean filtered, boolean split, boolean ruled) {}

    /** A user or an order is now this: a name and so many items; without items it is gone. */
    record Version(boolean order, int id, String name, int items) {

        String email() {
            return name + "@" + items;
        }

        boolean isGone() {
            return items == 0;
        }
    }

    @Provide
    Arbitrary<Shape> shapes() {
        Arbitrary<Boolean> either = Arbitraries.of(true, false);
        return Combinators.combine(either, either, either).as(Shape::new);
    }

    @Provide
    Arbitrary<List<Version>> versions() {
        return Combinators.combine(
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.of("ada", "ada", "bob", "bob", "bad"),
                        Arbitraries.integers().between(0, 3))
                .as(Version::new)
                .list()
                .ofMaxSize(30);
    }

    @Property(tries = 80)
    void theRowsAreThoseOfEachKeysOwnHistory(
            @ForAll("shapes") Shape shape,
            @ForAll("versions") List<Version> versions,
            @ForAll @IntRange(max = 5) int rewinds,
            @ForAll long order) {
        InMemorySchemaStore schemas = new InMemorySchemaStore();
        Map<TargetTable, Set<String>> found;
        try (DrivenTopology driven = new DrivenTopology(schemas, ServiceFixture.of(schemas, tables(shape)))) {
            Map<String, List<Change>> histories = histories(driven.fixture, shape, versions);
            drive(driven, interleaved(histories, new Random(order)), rewinds, new Random(order));
            found = left(driven, shape);
        }

        assertThat(found).isEqualTo(expected(shape, versions));
    }

    private static List<TableSpec> tables(Shape shape) {
        List<TableSpec> tables = new ArrayList<>();
        RuleSpec rule = new RuleSpec("known", expression("!email.startsWith(\"bad\")"), Place.NOWHERE);
        tables.add(TableSpec.builder(COPY, ServiceFixture.USERS)
                .rules(shape.ruled() ? List.of(rule) : List.of())
                .build());
        if (shape.filtered()) {
            tables.add(TableSpec.builder(FILTERED, ServiceFixture.USERS)
                    .where(expression("email.startsWith(\"ada\")"))
                    .build());
        }
        if (shape.split()) {
            tables.add(ServiceFixture.lines());
        }
        return tables;
    }

    private static Expression expression(String text) {
        return new Expression(text, Place.NOWHERE);
    }

    /** The changes of each key, as a database's log would say them. */
    private static Map<String, List<Change>> histories(ServiceFixture fixture, Shape shape, List<Version> versions) {
        Map<String, List<Change>> histories = new LinkedHashMap<>();
        Map<Integer, Row> users = new HashMap<>();
        for (Version version : versions) {
            List<Change> history = histories.computeIfAbsent(
                    (version.order() ? "order " : "user ") + version.id(), key -> new ArrayList<>());
            if (!version.order()) {
                history.addAll(user(fixture, users, version));
            } else if (shape.split()) {
                history.add(order(fixture, version));
            }
        }
        histories.values().removeIf(List::isEmpty);
        return histories;
    }

    private static List<Change> user(ServiceFixture fixture, Map<Integer, Row> users, Version version) {
        Row before = users.get(version.id());
        if (version.isGone()) {
            users.remove(version.id());
            return before == null ? List.of() : List.of(fixture.users.delete(before));
        }
        Row after = fixture.users.row(version.id(), version.email());
        users.put(version.id(), after);
        return List.of(
                before == null
                        ? fixture.users.insert(version.id(), version.email())
                        : fixture.users.update(before, after));
    }

    private static Change order(ServiceFixture fixture, Version version) {
        long id = version.id();
        return version.isGone()
                ? fixture.orders.deleteByKey(id)
                : fixture.orders.insert(id, version.name(), items(version.items()), null, null, null);
    }

    private static String items(int items) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < items; i++) {
            all.add("{\"sku\": \"s" + i + "\", \"qty\": " + items + "}");
        }
        return all.toString();
    }

    /** As partitions may be read: each key's changes in their order, those of different keys in any. */
    private static List<Change> interleaved(Map<String, List<Change>> histories, Random random) {
        List<List<Change>> waiting = new ArrayList<>(histories.values());
        List<Change> read = new ArrayList<>();
        while (!waiting.isEmpty()) {
            List<Change> next = waiting.get(random.nextInt(waiting.size()));
            read.add(next.remove(0));
            waiting.removeIf(List::isEmpty);
        }
        return read;
    }

    /** Reads them all; some times it is set back to any earlier one, and each time what is parked is asked for. */
    private static void drive(DrivenTopology driven, List<Change> changes, int rewinds, Random random) {
        int left = rewinds;
        for (int next = 0; next < changes.size(); ) {
            driven.send(changes.get(next++));
            if (left > 0 && random.nextInt(5) == 0) {
                left--;
                next = random.nextInt(next + 1);
                driven.send(new ReplayRequest(driven.fixture.changesOf(ServiceFixture.USERS), null));
            }
        }
    }

    private static Map<TargetTable, Set<String>> left(DrivenTopology driven, Shape shape) {
        Map<TargetTable, Set<String>> left = new LinkedHashMap<>();
        for (TableSpec table : tables(shape)) {
            Map<Key, String> rows = new LinkedHashMap<>();
            for (TestRecord<byte[], byte[]> record : driven.received(table.target())) {
                Key key = driven.fixture.rowKey(record.key());
                Row row = driven.fixture.row(record.value(), record.headers());
                if (row == null) {
                    rows.remove(key);
                } else {
                    rows.put(key, text(table.target(), row));
                }
            }
            left.put(table.target(), new TreeSet<>(rows.values()));
        }
        return left;
    }

    private static String text(TargetTable table, Row row) {
        if (table.equals(SPLIT)) {
            return row.value("order_id") + " " + row.value("sku") + " " + row.value("amount");
        }
        return row.value("id") + " " + row.value("email");
    }

    /** By plain reckoning: the last version of each key, or the last before the first that the rule parks. */
    private static Map<TargetTable, Set<String>> expected(Shape shape, List<Version> versions) {
        Map<Integer, Version> users = new LinkedHashMap<>();
        Map<Integer, Version> orders = new LinkedHashMap<>();
        Set<Integer> parked = new TreeSet<>();
        for (Version version : versions) {
            if (version.order()) {
                orders.put(version.id(), version);
            } else if (shape.ruled() && !version.isGone() && version.name().equals("bad")) {
                parked.add(version.id());
            } else if (!parked.contains(version.id())) {
                users.put(version.id(), version);
            }
        }
        Map<TargetTable, Set<String>> expected = new LinkedHashMap<>();
        tables(shape).forEach(table -> expected.put(table.target(), new TreeSet<>()));
        users.values().stream().filter(version -> !version.isGone()).forEach(version -> {
            String text = version.id() + " " + version.email();
            expected.get(COPY).add(text);
            if (shape.filtered() && version.name().equals("ada")) {
                expected.get(FILTERED).add(text);
            }
        });
        if (shape.split()) {
            orders.values().forEach(version -> {
                for (int i = 0; i < version.items(); i++) {
                    expected.get(SPLIT).add(version.id() + " s" + i + " " + version.items());
                }
            });
        }
        return expected;
    }
}
