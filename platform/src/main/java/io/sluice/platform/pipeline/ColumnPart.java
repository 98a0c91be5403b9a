package io.sluice.platform.pipeline;

import io.sluice.platform.config.DidYouMean;
import io.sluice.platform.config.Key;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.ScalarType;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.platform.config.Unreadable;
import io.sluice.platform.config.Word;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnValue.GeneratedKind;
import io.sluice.schemas.pipeline.ColumnValue.VariableName;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.Literal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One entry of {@code columns:}. */
final class ColumnPart {

    private static final Pattern GENERATED = Pattern.compile("(uuid|serial)-from\\((.*)\\)");
    private static final String OUTER = "$outer";
    private static final Pattern NUMERIC_TYPE =
            Pattern.compile("(?i)(smallint|int2|integer|int|int4|bigint|int8|numeric.*)");

    static final Key<ColumnValue> FROM = Key.optional(
            "from",
            ScalarType.written("a field", Map.of("type", "string"), ColumnPart::fieldOrVariable),
            "the column's own name",
            "The source column or field; dots lead into a document (`address.city`). In a split, `$part` is the part's "
                    + "name, `$value` the part or element itself (`$value.price`), `$index` the element's place from 0; in a "
                    + "split of several levels these are the innermost one's, and `$outer.$value.id` or `$outer.$index` those "
                    + "of the level around it. `$source` is the source's name.");
    static final Key<String> TYPE = Key.optional(
            "type", Words.sqlType(), "as the source declares it", "The SQL type at the target, `numeric(18,8)` say.");
    static final Key<Literal> DEFAULT = Key.optional(
            "default", Words.literal(), "none", "Taken where the source has no value, absent and null alike.");
    static final Key<Literal> CONSTANT =
            Key.optional("constant", Words.literal(), "none", "The same value in every row.");
    static final Key<Expression> EXPR =
            Key.optional("expr", Words.expression(), "none", "A CEL expression over the source row's columns.");
    static final Key<ColumnValue.Generated> GENERATED_KEY = Key.optional(
            "generated",
            ScalarType.written(
                    "uuid-from(field, …) or serial-from(field, …)",
                    Map.of("type", "string", "pattern", "^(uuid|serial)-from\\(.+\\)$"),
                    ColumnPart::generated),
            "none",
            "A key of the target's own that every replay finds again: `uuid-from(_id)`, a name-based UUID of these fields, or "
                    + "`serial-from(_id)`, a number that the target gives once and keeps in a key map. Equal fields of one source "
                    + "table give the same key in every table of the service, so parents and children agree.");
    static final Key<Boolean> DROP =
            Key.optional("drop", Types.bool(), "false", "`true` leaves the source column of this name out.");
    static final Shape SHAPE = new Shape(
            "column",
            "A column of the target. At most one of `from`, `constant`, `expr`, `generated` and `drop` says where its value "
                    + "comes from.",
            List.of(FROM, TYPE, DEFAULT, CONSTANT, EXPR, GENERATED_KEY, DROP));

    private ColumnPart() {}

    static ColumnSpec read(Named<Section> entry) {
        Section section = entry.value();
        List<Key<?>> origins = new ArrayList<>();
        for (Key<?> key : List.<Key<?>>of(FROM, CONSTANT, EXPR, GENERATED_KEY)) {
            if (section.sets(key)) {
                origins.add(key);
            }
        }
        boolean dropped = section.get(DROP).orElse(false);
        if (dropped) {
            origins.add(DROP);
        }
        if (origins.size() > 1) {
            section.problem(
                    origins.get(1),
                    "stands beside " + origins.get(0) + ": a column has one value",
                    "keep one of "
                            + String.join(", ", origins.stream().map(Key::name).toList()));
        }
        if (dropped && section.sets(TYPE)) {
            section.problem(TYPE, "a dropped column has no type", "leave it out");
        }
        if (section.sets(DEFAULT) && !origins.isEmpty() && !origins.equals(List.of(FROM))) {
            section.problem(DEFAULT, "is never needed beside " + origins.get(0), "leave it out");
        }
        Optional<String> type = section.get(TYPE);
        Optional<ColumnValue.Generated> generated = section.get(GENERATED_KEY);
        if (generated.isPresent() && type.isPresent() && !fits(generated.get().kind(), type.get())) {
            section.problem(
                    TYPE,
                    "does not take a generated " + (generated.get().kind() == GeneratedKind.UUID ? "UUID" : "number"),
                    generated.get().kind() == GeneratedKind.UUID ? "use uuid or text" : "use bigint");
        }
        return new ColumnSpec(entry.name(), value(entry, dropped), type, section.get(DEFAULT), entry.place());
    }

    private static ColumnValue value(Named<Section> entry, boolean dropped) {
        Section section = entry.value();
        if (dropped) {
            return new ColumnValue.Dropped();
        }
        Optional<ColumnValue> from = section.get(FROM);
        Optional<ColumnValue> constant = section.get(CONSTANT).map(ColumnValue.Constant::new);
        Optional<ColumnValue> computed = section.get(EXPR).map(ColumnValue.Computed::new);
        Optional<ColumnValue> generated = section.get(GENERATED_KEY).map(value -> value);
        return from.or(() -> constant)
                .or(() -> computed)
                .or(() -> generated)
                .orElseGet(() -> new ColumnValue.Field(FieldPath.of(entry.name())));
    }

    private static boolean fits(GeneratedKind kind, String type) {
        return kind == GeneratedKind.UUID
                ? type.toLowerCase(Locale.ROOT).matches("uuid|text|varchar.*|char.*")
                : NUMERIC_TYPE.matcher(type).matches();
    }

    private static ColumnValue fieldOrVariable(Word word) throws Unreadable {
        return fieldOrVariable(word.text());
    }

    private static ColumnValue fieldOrVariable(String text) throws Unreadable {
        List<String> segments = Words.segments(text, "a field");
        String first = segments.get(0);
        if (!first.startsWith("$") || text.startsWith("\"")) {
            return new ColumnValue.Field(new FieldPath(segments));
        }
        return variable(segments);
    }

    private static ColumnValue.Variable variable(List<String> segments) throws Unreadable {
        int outward = 0;
        while (outward < segments.size() - 1 && segments.get(outward).equals(OUTER)) {
            outward++;
        }
        String shown = segments.get(outward);
        Map<String, VariableName> names = new LinkedHashMap<>();
        for (VariableName each : VariableName.values()) {
            names.put("$" + Types.show(each), each);
        }
        VariableName name = names.get(shown);
        if (shown.equals(OUTER)) {
            throw new Unreadable(
                    "names nothing of the level around", "write $outer.$value, $outer.$index or $outer.$part");
        }
        if (name == null || (outward > 0 && name == VariableName.SOURCE)) {
            throw new Unreadable("does not know this variable", DidYouMean.suggest(shown, names.keySet()));
        }
        List<String> within = segments.subList(outward + 1, segments.size());
        if (!within.isEmpty() && name != VariableName.VALUE) {
            throw new Unreadable(shown + " has no fields", "only $value has");
        }
        return new ColumnValue.Variable(
                name, outward, within.isEmpty() ? Optional.empty() : Optional.of(new FieldPath(within)));
    }

    private static ColumnValue.Generated generated(Word word) throws Unreadable {
        Matcher matcher = GENERATED.matcher(word.text());
        if (!matcher.matches() || matcher.group(2).isBlank()) {
            throw new Unreadable(
                    word.shown() + " says no way to generate a key", "write uuid-from(field) or serial-from(field)");
        }
        List<ColumnValue> of = new ArrayList<>();
        for (String field : matcher.group(2).split(",", -1)) {
            of.add(fieldOrVariable(field.strip()));
        }
        return new ColumnValue.Generated(
                matcher.group(1).equals("uuid") ? GeneratedKind.UUID : GeneratedKind.SERIAL, of);
    }
}
