package io.sluice.transform.spec;

import io.sluice.platform.config.DidYouMean;
import io.sluice.platform.config.ScalarType;
import io.sluice.platform.config.Unreadable;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.transform.mapping.value.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A source column's type as a spec declares it, with the meaning that the source gives it. */
record ColumnWords(LogicalType type, String declared, boolean nullable) {

    private static final String REQUIRED = " not null";
    private static final String NATIVE = "native ";
    private static final Pattern SHAPE = Pattern.compile("(\"char\"|[a-z][a-z0-9_ ]*?)(\\(\\d+\\))?(\\[])?");

    /** Types that travel as PostgreSQL's text, under the names that PostgreSQL's catalog has for them. */
    private static final Map<String, String> CATALOG_NAMES = Map.of(
            "time with time zone", "timetz",
            "bit varying", "varbit",
            "\"char\"", "char");

    private static final List<String> NATIVES = List.of(
            "money",
            "name",
            "citext",
            "xml",
            "tsvector",
            "tsquery",
            "hstore",
            "ltree",
            "bit",
            "varbit",
            "timetz",
            "interval",
            "inet",
            "cidr",
            "macaddr",
            "macaddr8",
            "point",
            "line",
            "lseg",
            "box",
            "path",
            "polygon",
            "circle",
            "oid",
            "pg_lsn",
            "xid",
            "xid8",
            "tid",
            "pg_snapshot",
            "regclass",
            "regtype",
            "regrole",
            "int4range",
            "int8range",
            "numrange",
            "tsrange",
            "tstzrange",
            "daterange",
            "int4multirange",
            "int8multirange",
            "nummultirange",
            "tsmultirange",
            "tstzmultirange",
            "datemultirange",
            "jsonpath");

    private static final List<String> PLAIN = List.of(
            "boolean",
            "smallint",
            "integer",
            "bigint",
            "numeric",
            "real",
            "double precision",
            "text",
            "varchar",
            "char",
            "bytea",
            "uuid",
            "date",
            "time",
            "timestamp",
            "timestamptz",
            "json",
            "jsonb");

    static ScalarType<ColumnWords> word() {
        return ScalarType.written("an SQL type", Map.of("type", "string"), word -> {
            word.refuseLong();
            return read(word.text());
        });
    }

    Column named(String name, boolean inKey) {
        return new Column(name, type, declared, nullable && !inKey);
    }

    private static ColumnWords read(String text) throws Unreadable {
        String words = text.strip().replaceAll("\\s+", " ");
        boolean required = words.toLowerCase(Locale.ROOT).endsWith(REQUIRED);
        String name = required ? words.substring(0, words.length() - REQUIRED.length()) : words;
        if (name.startsWith(NATIVE)) {
            return new ColumnWords(
                    new LogicalType.Native(name.substring(NATIVE.length()).strip()), "text", !required);
        }
        Optional<SqlType> plain = SqlType.parse(name);
        if (plain.isPresent()) {
            return new ColumnWords(plain.get().type(), plain.get().declared(), !required);
        }
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith("[][]")) {
            // An array of any shape travels as text.
            read(lower.substring(0, lower.length() - 4));
            String element = lower.substring(0, lower.length() - 4);
            return new ColumnWords(new LogicalType.Native("_" + element), element + "[]", !required);
        }
        Matcher shape = SHAPE.matcher(lower);
        String base = shape.matches() ? shape.group(1) : "";
        String catalog = CATALOG_NAMES.getOrDefault(base, base);
        if (!NATIVES.contains(catalog) && !CATALOG_NAMES.containsKey(base)) {
            List<String> known = new ArrayList<>(PLAIN);
            known.addAll(new TreeSet<>(NATIVES));
            throw new Unreadable(
                    "does not know the type \"" + name + "\"",
                    (DidYouMean.suggest(lower.replaceAll("[(\\[].*", ""), known)
                                    + " An enum or another type of your own is written `native NAME`")
                            .strip());
        }
        LogicalType type = new LogicalType.Native(catalog);
        return new ColumnWords(shape.group(3) == null ? type : new LogicalType.Array(type), lower, !required);
    }
}
