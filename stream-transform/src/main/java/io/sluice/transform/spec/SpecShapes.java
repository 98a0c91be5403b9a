package io.sluice.transform.spec;

import io.sluice.platform.config.AnyType;
import io.sluice.platform.config.Key;
import io.sluice.platform.config.ListType;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.MapType;
import io.sluice.platform.config.NameRule;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.platform.config.YamlNode;
import java.util.List;

/** The keys of a spec file. */
final class SpecShapes {

    /** Which columns of a row are compared. */
    enum Compared {
        EVERY,
        NAMED
    }

    private static final AnyType ROW = new AnyType("a map of columns");

    static final Key<YamlNode> UPSERT = Key.optional(
            "upsert", ROW, "another change", "The target row as it is written. `$unchanged` is a value that stays.");
    static final Key<YamlNode> DELETE_ROW =
            Key.optional("delete", ROW, "another change", "The key of the target row that is deleted.");
    static final Key<String> REJECTED = Key.optional(
            "rejected",
            Types.text("a part of the reason"),
            "another change",
            "The change is rejected, and its reason holds this.");
    static final Key<String> RULE = Key.optional(
            "rule", Types.text("a rule"), "another change", "The change is rejected because the row breaks this rule.");
    static final Shape CHANGE = new Shape(
            "expected change",
            "What becomes of a change in one target table.",
            List.of(UPSERT, DELETE_ROW, REJECTED, RULE));

    static final Key<String> STEP_TABLE =
            Key.optional("table", Types.text("source.schema.table"), "the spec's", "The source table.");
    static final Key<YamlNode> INSERT = Key.optional("insert", ROW, "another step", "A row comes to be.");
    static final Key<YamlNode> UPDATE = Key.optional(
            "update",
            ROW,
            "another step",
            "A row as it is now. Columns that it does not name stay as an earlier step left them; `$unchanged` is a value that "
                    + "the log leaves out. A document is always given whole.");
    static final Key<YamlNode> DELETE = Key.optional("delete", ROW, "another step", "A row goes; its key is enough.");
    static final Key<Boolean> TRUNCATE =
            Key.optional("truncate", Types.bool(), "another step", "`true`: all rows of the table go.");
    static final Key<YamlNode> BEFORE = Key.optional(
            "before",
            ROW,
            "the row as an earlier step left it",
            "The row as it was: to change its key, or where no earlier step says it.");
    static final Key<List<Named<List<Located<Section>>>>> EXPECT = Key.optional(
            "expect",
            new MapType<>(NameRule.any("table"), ListType.oneOrMore(CHANGE)),
            "nothing is compared, but a rejection fails the spec",
            "By target table, what becomes of this step, in order; `[]` is nothing. With `{}` no table may change. Tables that are "
                    + "not named are not compared, but their rejections fail the spec.");
    static final Shape STEP = new Shape(
            "step",
            "One change of a source table. Exactly one of `insert`, `update`, `delete` and `truncate` is given.",
            List.of(STEP_TABLE, INSERT, UPDATE, DELETE, TRUNCATE, BEFORE, EXPECT));

    static final Key<String> NAME = Key.required("name", Types.text("a sentence"), "What is so, as a sentence.");
    static final Key<String> SPEC_SERVICE =
            Key.optional("service", Types.text("a service"), "the file's", "The service that reads the table.");
    static final Key<String> SPEC_TABLE =
            Key.optional("table", Types.text("source.schema.table"), "the file's", "The source table of its steps.");
    static final Key<Compared> SPEC_COLUMNS = Key.optional(
            "columns",
            Types.oneOf(List.of(Compared.values())),
            "the file's",
            "`every`: an expected row names every column of the table. `named`: only those that it names are compared.");
    static final Key<List<Located<Section>>> STEPS =
            Key.required("steps", ListType.of(STEP), "The changes, one after the other.");
    static final Key<List<Named<List<Located<YamlNode>>>>> FINALLY = Key.optional(
            "finally",
            new MapType<>(NameRule.any("table"), ListType.of(ROW)),
            "final rows are not compared",
            "By target table, all rows that it holds after the last step, in any order. The column of `deletes: soft(…)` is `true` in "
                    + "a row that is marked as deleted, and `false`, or left out, in the others.");
    static final Shape SPEC = new Shape(
            "spec",
            "One behaviour of a mapping.",
            List.of(NAME, SPEC_SERVICE, SPEC_TABLE, SPEC_COLUMNS, STEPS, FINALLY));

    static final Key<List<Named<ColumnWords>>> COLUMNS = Key.required(
            "columns",
            new MapType<>(NameRule.any("column"), ColumnWords.word()),
            "By name, the columns' types as PostgreSQL writes them, with `not null` behind where it is so.");
    static final Key<List<Located<String>>> KEY = Key.optional(
            "key",
            ListType.of(Types.text("a column")),
            "the whole row tells rows apart, and each change tells the row before",
            "The columns of the primary key.");
    static final Key<Boolean> WHOLE_BEFORE = Key.optional(
            "replica-identity-full",
            Types.bool(),
            "false; true where there is no `key`",
            "Whether each change tells the whole row before.");
    static final Shape TABLE =
            new Shape("table declaration", "A source table's columns and key.", List.of(COLUMNS, KEY, WHOLE_BEFORE));
    static final Key<Boolean> IMAGES_BEFORE = Key.optional(
            "images-before",
            Types.bool(),
            "false",
            "Whether the collection keeps documents as they were before a change.");
    static final Shape COLLECTION = new Shape(
            "collection declaration", "A MongoDB collection. Needs no declaration otherwise.", List.of(IMAGES_BEFORE));

    static final Key<String> FILE_SERVICE = Key.optional(
            "service",
            Types.text("a service"),
            "the pipeline's only one",
            "The service whose mappings the specs are about.");
    static final Key<String> FILE_TABLE = Key.optional(
            "table", Types.text("source.schema.table"), "each spec or step says it", "The source table of every spec.");
    static final Key<Compared> FILE_COLUMNS =
            Key.optional("columns", Types.oneOf(List.of(Compared.values())), "every", "Which columns are compared.");
    static final Key<List<Named<Section>>> TABLES = Key.optional(
            "tables",
            new MapType<>(NameRule.any("table"), TABLE),
            "another file of the folder declares them",
            "By `source.schema.table`, the source tables' columns: for all files of the folder.");
    static final Key<List<Named<Section>>> COLLECTIONS = Key.optional(
            "collections",
            new MapType<>(NameRule.any("collection"), COLLECTION),
            "none keeps images",
            "By `source.database.collection`, what is to be known of a collection.");
    static final Key<List<Located<Section>>> SPECS =
            Key.optional("specs", ListType.of(SPEC), "none, only declarations", "The specs.");
    static final Shape FILE = new Shape(
            "spec file",
            "What a pipeline file makes of rows.",
            List.of(FILE_SERVICE, FILE_TABLE, FILE_COLUMNS, TABLES, COLLECTIONS, SPECS));

    private SpecShapes() {}
}
