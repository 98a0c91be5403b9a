package io.sluice.transform.topology;

import static io.sluice.transform.SourceRows.column;
import static io.sluice.transform.SourceRows.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sluice.platform.error.SluiceException;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TableSpecBuilder;
import io.sluice.transform.SourceRows;
import io.sluice.transform.mapping.Baselines;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DriftTest {

    private static final SourceRows BEFORE = new SourceRows(
            ServiceFixture.USERS,
            List.of(required("id", Simple.INT32, "integer"), required("email", Simple.TEXT, "text")),
            "id");
    private static final SourceRows AFTER = new SourceRows(
            ServiceFixture.USERS,
            List.of(
                    required("id", Simple.INT32, "integer"),
                    required("email", Simple.TEXT, "text"),
                    column("note", Simple.TEXT, "text")),
            "id");
    private static final SourceRows DOCUMENTS = new SourceRows(
            ServiceFixture.USERS,
            List.of(required("_id", Simple.TEXT, "text"), column("document", Simple.DOCUMENT, "document")),
            "_id");

    private @Nullable DrivenTopology driven;

    private DrivenTopology start(TableSpecBuilder users) {
        InMemorySchemaStore schemas = new InMemorySchemaStore();
        Baselines baselines = new Baselines(
                Map.of(new Baselines.Pair(ServiceFixture.USERS_COPY, ServiceFixture.USERS), Set.of("id", "email")));
        DrivenTopology started = new DrivenTopology(
                schemas, ServiceFixture.of(schemas, users.partitions(1).build()), baselines);
        driven = started;
        return started;
    }

    private static TableSpecBuilder users() {
        return TableSpec.builder(ServiceFixture.USERS_COPY, ServiceFixture.USERS);
    }

    @AfterEach
    void close() {
        if (driven != null) {
            driven.close();
        }
    }

    private static void send(DrivenTopology to, SourceRows shape, Change change) {
        Key key = change instanceof Change.Upserted upserted ? upserted.key() : ((Change.Deleted) change).key();
        to.send(change.table(), to.fixture.key(change.table(), shape, key), to.fixture.value(shape, change));
    }

    private static List<Object> columns(DrivenTopology of) {
        return of.received(ServiceFixture.USERS_COPY).stream()
                .filter(record -> record.value() != null)
                .map(of::row)
                .<Object>map(row -> row.schema().columns().stream()
                        .map(column -> column.name() + "=" + row.value(column.name()))
                        .toList()
                        .toString())
                .toList();
    }

    @Test
    void whatAppearsFlowsOnWhereEveryColumnIsCopied() {
        DrivenTopology started = start(users());
        send(started, BEFORE, BEFORE.insert(1, "a"));
        send(started, AFTER, AFTER.insert(2, "b", "new"));

        assertThat(columns(started)).containsExactly("[id=1, email=a]", "[id=2, email=b, note=new]");
        assertThat(started.meters.progress().drift()).isEmpty();
    }

    @Test
    void whatAppearsIsLeftOutAndCountedWhereTheFileSaysSo() {
        DrivenTopology started = start(users().onDrift(DriftPolicy.IGNORE));
        send(started, BEFORE, BEFORE.insert(1, "a"));
        send(started, AFTER, AFTER.insert(2, "b", "new"));
        send(started, AFTER, AFTER.insert(3, "c", "new"));
        send(started, AFTER, AFTER.delete(AFTER.row(3, "c", "new")));

        assertThat(columns(started)).containsExactly("[id=1, email=a]", "[id=2, email=b]", "[id=3, email=c]");
        assertThat(started.meters.progress().drift()).isEqualTo(Map.of(ServiceFixture.USERS_COPY, Map.of("note", 2L)));
    }

    @Test
    void whatAppearsIsCountedWhereColumnsAreListedUnlessItIsListedOrDropped() {
        List<ColumnSpec> listed = List.of(ColumnSpec.copied("id"), ColumnSpec.copied("email"));
        DrivenTopology started = start(users().columns(ColumnsSpec.only(listed)));
        send(started, AFTER, AFTER.insert(2, "b", "new"));
        assertThat(columns(started)).containsExactly("[id=2, email=b]");
        assertThat(started.meters.progress().drift()).isEqualTo(Map.of(ServiceFixture.USERS_COPY, Map.of("note", 1L)));
        started.close();

        for (DriftPolicy policy : DriftPolicy.values()) {
            List<ColumnSpec> dropped = List.of(ColumnSpec.of("note", new ColumnValue.Dropped()));
            try (DrivenTopology known = start(users().onDrift(policy).columns(ColumnsSpec.andOthers(dropped)))) {
                send(known, AFTER, AFTER.insert(2, "b", "new"));
                assertThat(columns(known)).containsExactly("[id=2, email=b]");
                assertThat(known.meters.progress().drift()).isEmpty();
            }
        }
        driven = null;
    }

    @Test
    void whatAppearsHaltsWhereTheFileSaysSoWithTheStatementAndPassesOnceItIsListed() {
        DrivenTopology started = start(users().onDrift(DriftPolicy.HALT));
        send(started, BEFORE, BEFORE.insert(1, "a"));
        SluiceException halt = started.failure(catchThrowable(() -> send(started, AFTER, AFTER.insert(2, "b", "new"))));

        assertThat(halt.code()).isEqualTo("SOURCE_DRIFTED");
        assertThat(halt)
                .hasMessageContaining("monolith.public.users has note")
                .hasMessageContaining("ALTER TABLE \"public\".\"users\" ADD COLUMN \"note\" text");
        started.close();

        DrivenTopology listed = start(
                users().onDrift(DriftPolicy.HALT).columns(ColumnsSpec.andOthers(List.of(ColumnSpec.copied("note")))));
        send(listed, AFTER, AFTER.insert(2, "b", "new"));
        assertThat(columns(listed)).containsExactly("[id=2, email=b, note=new]");
    }

    @Test
    void fieldsThatNoColumnTakesAreCountedAndNamesThatCouldBeAnythingAreCountedTogether() {
        List<ColumnSpec> listed = List.of(ColumnSpec.copied("_id"), ColumnSpec.copied("email"));
        DrivenTopology started = start(users().columns(ColumnsSpec.only(listed)));
        send(started, DOCUMENTS, DOCUMENTS.insert("\"1\"", "{\"_id\": \"1\", \"email\": \"a\", \"age\": 7}"));
        send(started, DOCUMENTS, DOCUMENTS.insert("\"2\"", "{\"_id\": \"2\", \"age\": 7, \"who\\n@x.org\": true}"));
        assertThat(started.meters.progress().drift())
                .isEqualTo(Map.of(ServiceFixture.USERS_COPY, Map.of("age", 2L, DriftWatch.OTHERS, 1L)));

        for (int i = 0; i < 3 * DriftWatch.MOST_NAMES; i++) {
            send(started, DOCUMENTS, DOCUMENTS.insert("\"3\"", "{\"_id\": \"3\", \"f" + i + "\": 7}"));
        }
        Map<String, Long> counted = started.meters.progress().drift().get(ServiceFixture.USERS_COPY);
        assertThat(counted.size()).isLessThanOrEqualTo(DriftWatch.MOST_NAMES + 1);
        assertThat(counted.values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(3L + 3 * DriftWatch.MOST_NAMES);
    }

    @Test
    void aFieldThatNoColumnTakesHaltsWhereTheFileSaysSo() {
        DrivenTopology started = start(users().onDrift(DriftPolicy.HALT)
                .columns(ColumnsSpec.only(List.of(ColumnSpec.copied("_id"), ColumnSpec.copied("email")))));
        send(started, DOCUMENTS, DOCUMENTS.insert("\"1\"", "{\"_id\": \"1\", \"email\": \"a\"}"));
        SluiceException halt = started.failure(catchThrowable(
                () -> send(started, DOCUMENTS, DOCUMENTS.insert("\"2\"", "{\"_id\": \"2\", \"age\": 77123}"))));

        assertThat(halt.code()).isEqualTo("SOURCE_DRIFTED");
        assertThat(halt).hasMessageContaining("has age").hasMessageNotContaining("77123");
    }
}
