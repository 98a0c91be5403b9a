package io.sluice.transform.mapping.version;

import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.Literal;
import io.sluice.schemas.pipeline.RuleSpec;
import io.sluice.schemas.pipeline.SplitSpec;
import io.sluice.schemas.pipeline.TableSpec;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Says what a table's mapping does in words that are kept: they must mean the same in every later version of the program, so
 * nothing here rests on the text form of a class.
 */
final class MappingWords {

    private final TableSpec table;

    MappingWords(TableSpec table) {
        this.table = table;
    }

    /** What a target column is made from. */
    String column(String name) {
        if (table.mapper().isPresent()) {
            return "mapper";
        }
        Optional<ColumnSpec> listed = table.columns().column(name);
        if (listed.isEmpty()) {
            return table.columns().overflow().filter(name::equals).isPresent() ? "overflow" : "field " + quoted(name);
        }
        return value(listed.get().value())
                + listed.get().type().map(type -> " as " + type.strip()).orElse("")
                + listed.get()
                        .defaultValue()
                        .map(otherwise -> " or " + literal(otherwise))
                        .orElse("");
    }

    private static String value(ColumnValue value) {
        if (value instanceof ColumnValue.Field field) {
            return "field " + path(field.path());
        }
        if (value instanceof ColumnValue.Constant constant) {
            return "constant " + literal(constant.literal());
        }
        if (value instanceof ColumnValue.Computed computed) {
            return "expression " + expression(computed.expression());
        }
        if (value instanceof ColumnValue.Variable variable) {
            return "variable "
                    + switch (variable.name()) {
                        case PART -> "part";
                        case VALUE -> "value";
                        case INDEX -> "index";
                        case SOURCE -> "source";
                    }
                    + " " + variable.outward()
                    + variable.within().map(within -> " " + path(within)).orElse("");
        }
        if (value instanceof ColumnValue.Generated generated) {
            String kind =
                    switch (generated.kind()) {
                        case UUID -> "uuid";
                        case SERIAL -> "serial";
                    };
            return kind + " of "
                    + generated.of().stream().map(MappingWords::value).collect(Collectors.joining(", ", "(", ")"));
        }
        return "nothing";
    }

    Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        settings.put(
                "from", table.from().stream().map(Objects::toString).sorted().collect(Collectors.joining(", ")));
        table.where().ifPresent(where -> settings.put("where", expression(where)));
        table.split().ifPresent(split -> settings.put("split", split(split)));
        table.mapper().ifPresent(mapper -> settings.put("mapper", mapper.className() + " in " + mapper.jar()));
        table.rules().stream()
                .sorted(Comparator.comparing(RuleSpec::name))
                .forEach(rule -> settings.put("rules." + rule.name(), expression(rule.expression())));
        settings.put(
                "write",
                switch (table.write().mode()) {
                    case UPSERT -> "upsert";
                    case APPEND_ONLY -> "append-only";
                    case FIRST_WINS -> "first-wins";
                });
        if (!table.write().update().isEmpty()) {
            settings.put("on-conflict", list(table.write().update()));
        }
        settings.put("deletes", deletes(table.deletes()));
        settings.put(
                "conflict",
                switch (table.conflict().resolve()) {
                    case SOURCE_WINS -> "source-wins";
                    case MANUAL -> "manual";
                    case LAST_WRITE_WINS ->
                        "last-write-wins by " + quoted(table.conflict().by().orElse(""));
                });
        return settings;
    }

    private static String deletes(DeletePolicy deletes) {
        if (deletes instanceof DeletePolicy.Soft soft) {
            return "soft " + quoted(soft.column());
        }
        return deletes instanceof DeletePolicy.Ignore ? "ignore" : "hard";
    }

    /** How many rows one may become is a limit, and changes none of them. */
    private static String split(SplitSpec split) {
        return split.levels().stream().map(MappingWords::level).collect(Collectors.joining("; "));
    }

    private static String level(SplitSpec.Level level) {
        if (level instanceof SplitSpec.Parts parts) {
            return "parts " + parts.parts().stream().map(MappingWords::path).collect(Collectors.joining(", "));
        }
        SplitSpec.Elements elements = (SplitSpec.Elements) level;
        return "elements " + path(elements.array())
                + elements.elementKey().map(key -> " by " + path(key)).orElse("");
    }

    private static String path(FieldPath path) {
        return path.segments().stream().map(MappingWords::quoted).collect(Collectors.joining("."));
    }

    private static String literal(Literal literal) {
        if (literal instanceof Literal.Decimal decimal) {
            return decimal.value().toPlainString();
        }
        return literal instanceof Literal.Bool bool
                ? bool.value().toString()
                : quoted(literal.value().toString());
    }

    private static String list(List<String> names) {
        return names.stream().sorted().map(MappingWords::quoted).collect(Collectors.joining(", "));
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** Without space that means nothing: such as stands in no quotes is one blank. */
    private static String expression(Expression expression) {
        StringBuilder text = new StringBuilder();
        char quote = 0;
        boolean blank = false;
        String written = expression.text().strip();
        for (int i = 0; i < written.length(); i++) {
            char c = written.charAt(i);
            if (quote == 0 && Character.isWhitespace(c)) {
                blank = true;
                continue;
            }
            if (blank) {
                text.append(' ');
                blank = false;
            }
            text.append(c);
            if (quote != 0 && c == '\\' && i + 1 < written.length()) {
                text.append(written.charAt(++i));
            } else if (quote == c) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            }
        }
        return text.toString();
    }
}
