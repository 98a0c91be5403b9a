package io.sluice.platform.pipeline;

import io.sluice.platform.config.NameRule;
import io.sluice.platform.config.ScalarType;
import io.sluice.platform.config.Types;
import io.sluice.platform.config.Unreadable;
import io.sluice.platform.config.Word;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.schemas.pipeline.Literal;
import io.sluice.schemas.pipeline.ReconcileSpec;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words of the pipeline file. */
final class Words {

    static final Duration ONE_SECOND = Duration.ofSeconds(1);
    static final Duration TEN_YEARS = Duration.ofDays(3650);

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");
    private static final String NAME_SUGGESTION = "use a-z, 0-9 and -, a letter first";
    private static final Pattern RULE_NAME = Pattern.compile("[a-z][a-z0-9_-]*");
    /** Narrow, because it becomes part of a statement. */
    private static final Pattern SQL_TYPE =
            Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)?( [A-Za-z]+)*"
                    + "(\\(\\d{1,5}(, ?-?\\d{1,5})?\\))?( [A-Za-z]+)*(\\[\\])*");

    private static final Pattern SOFT = Pattern.compile("soft\\(([^()]*)\\)");
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,30}(\\.\\d{1,30})?");
    private static final Pattern PERCENT = Pattern.compile("(\\d{1,3}(\\.\\d{1,6})?)%");
    private static final Pattern ROWS = Pattern.compile("\\d{1,9}");

    private Words() {}

    static NameRule name(String says) {
        return NameRule.of(says, NAME, NAME_SUGGESTION).reserving("sluice");
    }

    static NameRule ruleName() {
        return NameRule.of("rule", RULE_NAME, "use a-z, 0-9, _ and -, a letter first");
    }

    static ScalarType<String> pipelineName() {
        NameRule rule = name("pipeline");
        return ScalarType.written("a name", Map.of("type", "string", "pattern", "^" + NAME.pattern() + "$"), word -> {
            rule.check(word.text());
            return word.text();
        });
    }

    static ScalarType<String> column() {
        NameRule rule = NameRule.any("column");
        return ScalarType.written("a column", Map.of("type", "string"), word -> {
            rule.check(word.text());
            return word.text();
        });
    }

    static ScalarType<String> sqlType() {
        return Types.text("an SQL type", SQL_TYPE, "write one like text, numeric(18,8) or timestamptz");
    }

    static ScalarType<Expression> expression() {
        return ScalarType.written("a CEL expression", Map.of("type", List.of("string", "boolean", "number")), word -> {
            if (word.text().isBlank()) {
                throw new Unreadable("is a blank expression", "write one, or leave the key out");
            }
            return new Expression(word.text(), word.place());
        });
    }

    /** The dotted parts of a name; parts in double quotes may hold dots. */
    static ScalarType<FieldPath> dotted(String says) {
        return ScalarType.written(says, Map.of("type", "string"), word -> new FieldPath(segments(word.text(), says)));
    }

    static TargetTable targetTable(String name) throws Unreadable {
        List<String> parts = segments(name, "table");
        NameRule rule = NameRule.any("table");
        for (String part : parts) {
            rule.check(part);
        }
        return switch (parts.size()) {
            case 1 -> TargetTable.inDefaultSchema(parts.get(0));
            case 2 -> new TargetTable(parts.get(0), parts.get(1));
            default ->
                throw new Unreadable(
                        "has more than a schema and a table",
                        "write table or schema.table; quote a name that holds a dot");
        };
    }

    static List<String> segments(String text, String says) throws Unreadable {
        List<String> segments = new ArrayList<>();
        int at = 0;
        while (true) {
            int end;
            if (at < text.length() && text.charAt(at) == '"') {
                StringBuilder quoted = new StringBuilder();
                end = at + 1;
                while (true) {
                    int quote = text.indexOf('"', end);
                    if (quote < 0) {
                        throw new Unreadable("a double quote is never closed", "write " + says + " like a.\"b.c\"");
                    }
                    quoted.append(text, end, quote);
                    end = quote + 1;
                    if (end < text.length() && text.charAt(end) == '"') {
                        quoted.append('"');
                        end++;
                        continue;
                    }
                    break;
                }
                segments.add(quoted.toString());
            } else {
                int dot = text.indexOf('.', at);
                end = dot < 0 ? text.length() : dot;
                segments.add(text.substring(at, end));
            }
            if (segments.get(segments.size() - 1).isBlank() || (end < text.length() && text.charAt(end) != '.')) {
                throw new Unreadable("has a part without a name", "write names with one dot between them");
            }
            if (end == text.length()) {
                return segments;
            }
            at = end + 1;
        }
    }

    static ScalarType<Literal> literal() {
        return ScalarType.written(
                "a text, number, true or false",
                Map.of("type", List.of("string", "number", "boolean")),
                Words::literal);
    }

    private static Literal literal(Word word) {
        if (word.plain() && (word.text().equals("true") || word.text().equals("false"))) {
            return new Literal.Bool(word.text().equals("true"));
        }
        return word.plain() && NUMBER.matcher(word.text()).matches()
                ? new Literal.Decimal(new BigDecimal(word.text()))
                : new Literal.Text(word.text());
    }

    static ScalarType<DeletePolicy> deletes() {
        String says = "one of hard, soft(column), ignore";
        return ScalarType.written(says, Map.of("type", "string", "pattern", "^(hard|ignore|soft\\(.+\\))$"), word -> {
            Matcher soft = SOFT.matcher(word.text());
            if (word.text().equals("hard")) {
                return new DeletePolicy.Hard();
            } else if (word.text().equals("ignore")) {
                return new DeletePolicy.Ignore();
            } else if (soft.matches() && !soft.group(1).isBlank()) {
                return new DeletePolicy.Soft(soft.group(1).strip());
            } else if (word.text().startsWith("soft")) {
                throw new Unreadable("soft names no column", "write soft(deleted_at), with the column that marks it");
            }
            throw new Unreadable("does not know " + word.shown(), "write " + says);
        });
    }

    static ScalarType<ReconcileSpec.Sample> sample() {
        return ScalarType.written(
                "a share like 10%, or a number of rows",
                Map.of("type", List.of("string", "integer")), word -> {
                    Matcher percent = PERCENT.matcher(word.text());
                    if (percent.matches()) {
                        BigDecimal ratio = new BigDecimal(percent.group(1)).movePointLeft(2);
                        if (ratio.signum() > 0 && ratio.compareTo(BigDecimal.ONE) <= 0) {
                            return new ReconcileSpec.Sample.Fraction(ratio);
                        }
                    } else if (ROWS.matcher(word.text()).matches() && Integer.parseInt(word.text()) > 0) {
                        return new ReconcileSpec.Sample.Rows(Integer.parseInt(word.text()));
                    }
                    throw new Unreadable(word.shown() + " is no sample", "write a share like 10%, or a number of rows");
                });
    }
}
