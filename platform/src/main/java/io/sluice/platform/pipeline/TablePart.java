package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.ListType;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.MapType;
import io.sluice.platform.config.NameRule;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.DriftPolicy;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.TruncatePolicy;
import io.sluice.schemas.pipeline.WriteSpec;
import java.util.List;

/** What a table may say; {@link TableReader} makes a record of it. */
final class TablePart {

    /** What becomes of source columns that {@code columns:} does not name. */
    enum Others {
        COPY,
        DROP
    }

    static final Key<List<Located<FieldPath>>> FROM = Key.required(
            "from",
            ListType.oneOrMore(Words.dotted("source.schema.table")),
            "The source table, `source.schema.table` (MongoDB: `source.database.collection`). Several give one target table; "
                    + "that needs `$source` or a generated column in the key, `disjoint-keys`, or "
                    + "`conflict: {resolve: last-write-wins}`.");
    static final Key<List<Located<String>>> KEY = Key.optional(
            "key",
            ListType.of(Words.column()),
            "the source's own key, or the table's one generated column",
            "The columns that tell the target's rows apart.");
    static final Key<Expression> WHERE = Key.optional(
            "where",
            Words.expression(),
            "every row",
            "A CEL condition over the source row: only rows for which it holds.");
    static final Key<List<Named<Section>>> COLUMNS = Key.optional(
            "columns",
            new MapType<>(NameRule.any("column"), ColumnPart.SHAPE),
            "every column as it is",
            "The target's columns, by name.");
    static final Key<Others> OTHER_COLUMNS = Key.optional(
            "other-columns",
            Types.oneOf(List.of(Others.values())),
            "`copy` from PostgreSQL and where there are no `columns`; `drop` from MongoDB and in a split",
            "Whether source columns that `columns` neither names nor renames are copied too.");
    static final Key<List<Located<FieldPath>>> FLATTEN = Key.optional(
            "flatten",
            ListType.of(Words.dotted("a field")),
            "none",
            "Nested documents whose fields become columns of their own, `address` giving `address_city`.");
    static final Key<String> OVERFLOW = Key.optional(
            "overflow",
            Words.column(),
            "left out, counted",
            "A jsonb column for the fields that no other column takes.");
    static final Key<List<Located<Section>>> SPLIT = Key.optional(
            "split",
            ListType.oneOrMore(SplitPart.SHAPE),
            "one row gives one row",
            "Several rows of one. A list goes further in level by level: each splits the rows that the one before made.");
    static final Key<List<Named<Expression>>> RULES = Key.optional(
            "rules",
            new MapType<>(Words.ruleName(), Words.expression()),
            "none",
            "By name, CEL conditions over the target row. A row that breaks one is rejected with the rule's name as reason.");
    static final Key<WriteSpec.Mode> WRITE = Key.optional(
            "write",
            Types.oneOf(List.of(WriteSpec.Mode.values())),
            "upsert",
            "`upsert` inserts or updates; `append-only` only inserts and ignores what is there already; `first-wins` ignores "
                    + "later versions of a row, deletes apart.");
    static final Key<List<Located<String>>> UPDATE = Key.optional(
            "update",
            ListType.of(Words.column()),
            "all columns",
            "The columns that change where the row is there already.");
    static final Shape ON_CONFLICT_SHAPE =
            new Shape("on-conflict", "What an upsert does to a row that is there already.", List.of(UPDATE));
    static final Key<Section> ON_CONFLICT =
            Key.optional("on-conflict", ON_CONFLICT_SHAPE, "all columns change", "What an upsert changes.");
    static final Key<Section> CONFLICT = Key.optional(
            "conflict", ConflictPart.SHAPE, "the source wins", "What happens when the target holds something newer.");
    static final Key<DeletePolicy> DELETES = Key.optional(
            "deletes",
            Words.deletes(),
            "`hard`; `ignore` where `write` is append-only",
            "What a delete at the source does: `hard` deletes the row, `soft(column)` marks it, `ignore` leaves it.");
    static final Key<TruncatePolicy> ON_TRUNCATE = Key.optional(
            "on-truncate",
            Types.oneOf(List.of(TruncatePolicy.values())),
            "`apply` in strong services where deletes are hard, else `halt`",
            "What TRUNCATE at the source does: `apply` truncates the target in order (strong services only), `halt` halts the "
                    + "table, `resnapshot` reads it again and does with the rows that are gone as `deletes` says, "
                    + "where all services that read it say so and it has a key; else it halts.");
    static final Key<DriftPolicy> ON_DRIFT = Key.optional(
            "on-drift",
            Types.oneOf(List.of(DriftPolicy.values())),
            "add",
            "What a column or field that appears at the source does: `add` lets it through where every column is copied, "
                    + "`ignore` leaves it out and counts it, `halt` halts the service.");
    static final Key<Integer> PARTITIONS = Key.optional(
            "partitions",
            Types.whole(1, 10_000),
            "the service's",
            "Partitions of the table's topics. Never changed later.");
    static final Key<Boolean> DISJOINT_KEYS = Key.optional(
            "disjoint-keys",
            Types.bool(),
            "false",
            "Your word that two tables under `from` never hold the same key, not even one after the other.");
    static final Key<Section> RECONCILE = Key.optional(
            "reconcile", ReconcilePart.SHAPE, "only when asked for", "When and how it is compared with its source.");
    static final Key<Section> HYPERTABLE =
            Key.optional("hypertable", HypertablePart.SHAPE, "a plain table", "Makes it a TimescaleDB hypertable.");
    static final Key<Section> MAPPER = Key.optional(
            "mapper", MapperPart.SHAPE, "none", "A mapping written in Java, instead of `columns` and `split`.");

    static final Shape SHAPE = new Shape(
            "table",
            "A table of the target, `table` or `schema.table`. One that says nothing but `from` copies every column.",
            List.of(
                    FROM,
                    KEY,
                    WHERE,
                    COLUMNS,
                    OTHER_COLUMNS,
                    FLATTEN,
                    OVERFLOW,
                    SPLIT,
                    RULES,
                    WRITE,
                    ON_CONFLICT,
                    CONFLICT,
                    DELETES,
                    ON_TRUNCATE,
                    ON_DRIFT,
                    PARTITIONS,
                    DISJOINT_KEYS,
                    RECONCILE,
                    HYPERTABLE,
                    MAPPER));

    private TablePart() {}
}
