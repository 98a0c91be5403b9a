package io.sluice.transform.topology;

import static io.sluice.transform.SourceRows.column;
import static io.sluice.transform.SourceRows.required;

import io.sluice.schemas.codec.ChangeEncoder;
import io.sluice.schemas.codec.ChangeSchemas;
import io.sluice.schemas.codec.DecoderCache;
import io.sluice.schemas.codec.KeyDecoder;
import io.sluice.schemas.codec.KeyEncoder;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.RecordHeaders;
import io.sluice.schemas.codec.RowDecoder;
import io.sluice.schemas.codec.RowSchemas;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.UnknownSchemaException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnValue.VariableName;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.Consistency;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.RuleSpec;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.SplitSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TargetSpec;
import io.sluice.schemas.pipeline.TruncatePolicy;
import io.sluice.schemas.topic.Names;
import io.sluice.transform.SourceRows;
import io.sluice.transform.mapping.CompiledMapping;
import io.sluice.transform.mapping.Mapping;
import io.sluice.transform.mapping.SourceTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.avro.Schema;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A service with four target tables from two source tables, and the records on both its sides as the source writes and the
 * sink reads them: {@code accounts} becomes {@code accounts} as it is and {@code balances} with two columns; {@code users}
 * becomes {@code users} as it is and {@code contacts}, keyed by a column that updates may change. Or one that takes {@code orders}
 * apart: into {@code lines}, the {@code lots} of each, {@code tags} and {@code parts}; or into the order and its {@code lines}.
 */
final class ServiceFixture {

    static final TableId ACCOUNTS = new TableId("monolith", "public", "accounts");
    static final TableId USERS = new TableId("monolith", "public", "users");
    static final TableId ORDERS = new TableId("monolith", "public", "orders");
    static final TargetTable ORDERS_COPY = TargetTable.inDefaultSchema("orders");
    static final TargetTable LINES = TargetTable.inDefaultSchema("lines");
    static final TargetTable LOTS = TargetTable.inDefaultSchema("lots");
    static final TargetTable TAGS = TargetTable.inDefaultSchema("tags");
    static final TargetTable PARTS = TargetTable.inDefaultSchema("parts");
    static final List<TargetTable> SPLIT_TABLES = List.of(LINES, LOTS, TAGS, PARTS);
    static final TargetTable ACCOUNTS_COPY = TargetTable.inDefaultSchema("accounts");
    static final TargetTable BALANCES = TargetTable.inDefaultSchema("balances");
    static final TargetTable USERS_COPY = TargetTable.inDefaultSchema("users");
    static final TargetTable CONTACTS = TargetTable.inDefaultSchema("contacts");

    private static final FieldPath ITEMS = FieldPath.of("items");
    private static final FieldPath SKU = FieldPath.of("sku");
    private static final ColumnSpec ORDER_ID = ColumnSpec.of("order_id", new ColumnValue.Field(FieldPath.of("id")));

    final SourceRows accounts = new SourceRows(
            ACCOUNTS,
            List.of(
                    required("id", Simple.INT64, "bigint"),
                    column("owner", Simple.TEXT, "text"),
                    column("balance", new Numeric(18, 2), "numeric(18,2)")),
            "id");
    final SourceRows users = new SourceRows(
            USERS, List.of(required("id", Simple.INT32, "integer"), required("email", Simple.TEXT, "text")), "id");

    final SourceRows orders = new SourceRows(
            ORDERS,
            List.of(
                    required("id", Simple.INT64, "bigint"),
                    column("customer", Simple.TEXT, "text"),
                    column("items", Simple.JSON, "jsonb"),
                    column("tags", new LogicalType.Array(Simple.TEXT), "text[]"),
                    column("first", Simple.JSON, "jsonb"),
                    column("second", Simple.JSON, "jsonb")),
            "id");

    final Names names;
    final ServiceSpec service;
    final Pipeline pipeline;
    private final ServiceTopics topics;
    private final SchemaStore schemas;
    private final DecoderCache<KeyDecoder> keys;
    private final DecoderCache<RowDecoder> rows;

    ServiceFixture(SchemaStore schemas, int accountPartitions) {
        this("shop", schemas, accountPartitions);
    }

    ServiceFixture(String pipelineName, SchemaStore schemas, int accountPartitions) {
        this(pipelineName, schemas, accountPartitions, Consistency.EVENTUAL, DeadLettersSpec.DEFAULT);
    }

    ServiceFixture(
            String pipelineName,
            SchemaStore schemas,
            int accountPartitions,
            Consistency consistency,
            DeadLettersSpec deadLetters) {
        this(pipelineName, schemas, copying(accountPartitions, consistency, deadLetters));
    }

    /** A service that takes orders apart instead. */
    static ServiceFixture splitting(String pipelineName, SchemaStore schemas, int partitions) {
        return new ServiceFixture(pipelineName, schemas, taking(partitions));
    }

    /** A service whose orders become a parent, which has their {@code customer}, and its lines, which have that too. */
    static ServiceFixture families(String pipelineName, SchemaStore schemas, int partitions) {
        TableSpec parents = TableSpec.builder(ORDERS_COPY, ORDERS)
                .columns(ColumnsSpec.only(List.of(ColumnSpec.copied("id"), ColumnSpec.copied("customer"))))
                .build();
        return new ServiceFixture(pipelineName, schemas, eventual(partitions, List.of(parents, lines())));
    }

    /** A service that copies users under a rule. */
    static ServiceFixture ruled(SchemaStore schemas, RuleSpec rule) {
        return of(
                schemas,
                TableSpec.builder(USERS_COPY, USERS)
                        .partitions(1)
                        .rules(List.of(rule))
                        .build());
    }

    /** A service that goes on at all costs. */
    static ServiceFixture bestEffort(SchemaStore schemas, DeadLettersSpec limits, TableSpec... tables) {
        return new ServiceFixture(
                "shop",
                schemas,
                new ServiceSpec(
                        "ledger",
                        TargetSpec.postgresql("postgresql://target/db"),
                        Consistency.BEST_EFFORT,
                        OptionalInt.of(1),
                        limits,
                        List.of(tables),
                        Place.NOWHERE));
    }

    /** A service of one table. */
    static ServiceFixture of(SchemaStore schemas, TableSpec table) {
        return of(schemas, List.of(table));
    }

    /** A service of these tables. */
    static ServiceFixture of(SchemaStore schemas, List<TableSpec> tables) {
        return new ServiceFixture(
                "shop",
                schemas,
                ServiceSpec.eventual("ledger", TargetSpec.postgresql("postgresql://target/db"), tables));
    }

    /** A strong service of one table. */
    static ServiceFixture strong(SchemaStore schemas, TableSpec table) {
        return new ServiceFixture(
                "shop",
                schemas,
                ServiceSpec.strong("ledger", TargetSpec.postgresql("postgresql://target/db"), List.of(table)));
    }

    private ServiceFixture(String pipelineName, SchemaStore schemas, ServiceSpec service) {
        this.names = new Names(pipelineName);
        this.schemas = schemas;
        this.keys = new DecoderCache<>(schemas, KeyDecoder::new);
        this.rows = new DecoderCache<>(schemas, RowDecoder::new);
        this.service = service;
        this.topics = new ServiceTopics(names, service);
        this.pipeline = Pipeline.of(
                pipelineName, List.of(SourceSpec.postgresql("monolith", "postgresql://source/db")), List.of(service));
    }

    private static ServiceSpec copying(int accountPartitions, Consistency consistency, DeadLettersSpec deadLetters) {
        TruncatePolicy truncate = consistency == Consistency.STRONG ? TruncatePolicy.APPLY : TruncatePolicy.HALT;
        return new ServiceSpec(
                "ledger",
                TargetSpec.postgresql("postgresql://target/db"),
                consistency,
                OptionalInt.empty(),
                deadLetters,
                List.of(
                        TableSpec.builder(ACCOUNTS_COPY, ACCOUNTS)
                                .partitions(accountPartitions)
                                .onTruncate(truncate)
                                .build(),
                        TableSpec.builder(BALANCES, ACCOUNTS)
                                .partitions(accountPartitions)
                                .onTruncate(truncate)
                                .columns(ColumnsSpec.only(List.of(
                                        ColumnSpec.of("account", new ColumnValue.Field(FieldPath.of("id"))),
                                        ColumnSpec.copied("balance"))))
                                .build(),
                        TableSpec.builder(USERS_COPY, USERS).partitions(1).build(),
                        TableSpec.builder(CONTACTS, USERS)
                                .key(List.of("email"))
                                .partitions(1)
                                .build()),
                Place.NOWHERE);
    }

    private static ServiceSpec taking(int partitions) {
        return eventual(
                partitions,
                List.of(
                        lines(),
                        TableSpec.builder(LOTS, ORDERS)
                                .split(SplitSpec.of(
                                        SplitSpec.Elements.of(ITEMS, SKU), SplitSpec.Elements.of(FieldPath.of("lots"))))
                                .key(List.of("order_id", "sku", "n"))
                                .columns(ColumnsSpec.only(List.of(
                                        ORDER_ID,
                                        variable("sku", VariableName.VALUE, 1, "sku", "text"),
                                        variable("n", VariableName.INDEX, 0, null, null),
                                        variable("amount", VariableName.VALUE, 0, null, "integer"))))
                                .build(),
                        TableSpec.builder(TAGS, ORDERS)
                                .split(SplitSpec.of(SplitSpec.Elements.of(FieldPath.of("tags"))))
                                .key(List.of("order_id", "tag"))
                                .columns(ColumnsSpec.only(
                                        List.of(ORDER_ID, variable("tag", VariableName.VALUE, 0, null, null))))
                                .build(),
                        TableSpec.builder(PARTS, ORDERS)
                                .split(SplitSpec.of(SplitSpec.Parts.of(FieldPath.of("first"), FieldPath.of("second"))))
                                .key(List.of("order_id", "part"))
                                .columns(ColumnsSpec.only(List.of(
                                        ORDER_ID,
                                        variable("part", VariableName.PART, 0, null, null),
                                        variable("value", VariableName.VALUE, 0, null, null))))
                                .build()));
    }

    /** The items of an order, by its id and theirs. */
    static TableSpec lines() {
        return TableSpec.builder(LINES, ORDERS)
                .split(SplitSpec.of(SplitSpec.Elements.of(ITEMS, SKU)))
                .key(List.of("order_id", "sku"))
                .columns(ColumnsSpec.only(List.of(
                        ORDER_ID,
                        variable("sku", VariableName.VALUE, 0, "sku", "text"),
                        variable("amount", VariableName.VALUE, 0, "qty", "integer"),
                        ColumnSpec.copied("customer"))))
                .build();
    }

    private static ServiceSpec eventual(int partitions, List<TableSpec> tables) {
        return new ServiceSpec(
                "ledger",
                TargetSpec.postgresql("postgresql://target/db"),
                Consistency.EVENTUAL,
                OptionalInt.of(partitions),
                DeadLettersSpec.DEFAULT,
                tables,
                Place.NOWHERE);
    }

    private static ColumnSpec variable(
            String name, VariableName variable, int outward, @Nullable String within, @Nullable String type) {
        return new ColumnSpec(
                name,
                new ColumnValue.Variable(
                        variable, outward, Optional.ofNullable(within).map(FieldPath::of)),
                Optional.ofNullable(type),
                Optional.empty(),
                Place.NOWHERE);
    }

    /** The same service under other limits. */
    ServiceFixture with(DeadLettersSpec deadLetters) {
        return new ServiceFixture(
                names.pipeline(), schemas, service.partitionsOf(ACCOUNTS), service.consistency(), deadLetters);
    }

    /** Registers every schema in one order: so two processes with a store in memory each agree on the ids. */
    void registerAll() {
        List<SourceTable> sources = new ArrayList<>();
        for (SourceRows source : List.of(accounts, users, orders)) {
            key(source.table(), new Key(source.schema().keySchema(), new Object[] {source == users ? (Object) 1 : 1L}));
            valueSchemaId(source);
            sources.add(new SourceTable(source.table(), source.schema(), source != accounts));
        }
        for (CompiledMapping mapping : Mapping.compile(service, sources).mappings()) {
            String namespace = topics.namespace(mapping.table());
            Schema key = RowSchemas.keyRecord(mapping.keySchema(), namespace);
            Schema row = RowSchemas.record(mapping.target(), namespace);
            schemas.register(topics.keySubject(mapping.table(), key), key);
            schemas.register(topics.valueSubject(mapping.table(), row), row);
        }
    }

    private int valueSchemaId(SourceRows source) {
        Schema value = ChangeSchemas.value(source.table(), source.schema(), source != accounts);
        String topic = changesOf(source.table());
        return schemas.register(
                service.isStrong() ? Names.recordSubject(topic, value.getFullName()) : Names.valueSubject(topic),
                value);
    }

    String changesOf(TableId table) {
        return topics.changes(table);
    }

    String rowsOf(TargetTable table) {
        return topics.rows(table);
    }

    private SourceRows rowsOf(TableId table) {
        return table.equals(ACCOUNTS) ? accounts : table.equals(USERS) ? users : orders;
    }

    byte[] key(TableId table, Key key) {
        return key(table, rowsOf(table), key);
    }

    /** The key of a table that has got another shape. */
    byte[] key(TableId table, SourceRows source, Key key) {
        Schema schema = ChangeSchemas.key(table, source.schema());
        String topic = changesOf(table);
        int id = schemas.register(
                service.isStrong() ? Names.recordSubject(topic, schema.getFullName()) : Names.keySubject(topic),
                schema);
        return new KeyEncoder(source.schema().keySchema(), ChangeSchemas.namespace(table), id).encode(key);
    }

    byte @Nullable [] key(Change change) {
        if (change instanceof Change.Upserted upserted) {
            return key(change.table(), upserted.key());
        }
        return change instanceof Change.Deleted deleted ? key(change.table(), deleted.key()) : null;
    }

    byte[] value(Change change) {
        return value(rowsOf(change.table()), change);
    }

    /** A change of a table that has got another shape. */
    byte[] value(SourceRows source, Change change) {
        return new ChangeEncoder(change.table(), source.schema(), valueSchemaId(source)).encode(change);
    }

    Key rowKey(byte[] key) {
        try {
            return keys.of(key).decode(key);
        } catch (MalformedRecordException | UnknownSchemaException e) {
            throw new AssertionError(e);
        }
    }

    @Nullable
    Row row(byte @Nullable [] value, Headers headers) {
        try {
            return value == null
                    ? null
                    : rows.of(value).decode(value, headers(headers).unchanged());
        } catch (MalformedRecordException | UnknownSchemaException e) {
            throw new AssertionError(e);
        }
    }

    static RecordHeaders headers(Headers headers) {
        try {
            return RecordHeaders.read(name -> {
                Header header = headers.lastHeader(name);
                return header == null ? null : header.value();
            });
        } catch (MalformedRecordException e) {
            throw new AssertionError(e);
        }
    }

    /** Null if it is something else. */
    static @Nullable LoadMarker marker(Headers headers) {
        try {
            return LoadMarker.read(name -> {
                Header header = headers.lastHeader(name);
                return header == null ? null : header.value();
            });
        } catch (MalformedRecordException e) {
            throw new AssertionError(e);
        }
    }
}
