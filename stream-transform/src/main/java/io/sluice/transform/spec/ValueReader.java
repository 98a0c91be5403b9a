package io.sluice.transform.spec;

import io.sluice.platform.config.YamlNode;
import io.sluice.platform.postgres.RowTextDecoder;
import io.sluice.platform.postgres.UnrepresentableValueException;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.NumericSpecial;
import io.sluice.schemas.model.RowSchema;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Values as specs write them, in the carrier of their column's type: PostgreSQL's own text forms, read by the one decoder. */
final class ValueReader {

    private static final Pattern DATE = Pattern.compile("(\\d{4,6})-(\\d\\d)-(\\d\\d)(.*)");
    private static final Pattern TIME =
            Pattern.compile("(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?|24:00:00)(.*)");
    private static final Pattern OFFSET = Pattern.compile("([+-]\\d\\d(:\\d\\d){0,2})?( BC)?");

    private final JsonTree json = new JsonTree();

    /**
     * The value; null where nothing stands there.
     *
     * @throws UnfitStepException if it is no value of that type
     */
    @Nullable
    Object read(YamlNode node, LogicalType type, String declared) throws UnfitStepException {
        if (node instanceof YamlNode.Scalar scalar && scalar.isNothing()) {
            return null;
        }
        if (type == Simple.JSON || type == Simple.DOCUMENT) {
            return json(node);
        }
        if (type instanceof Array array && node instanceof YamlNode.Items items) {
            List<@Nullable Object> elements = new ArrayList<>();
            for (YamlNode item : items.items()) {
                elements.add(read(item, array.element(), declared));
            }
            return Collections.unmodifiableList(elements);
        }
        if (!(node instanceof YamlNode.Scalar scalar)) {
            throw unfit(declared, node instanceof YamlNode.Items ? "a list" : "a map");
        }
        return scalar(scalar, type, declared);
    }

    private Object json(YamlNode node) throws UnfitStepException {
        if (node instanceof YamlNode.Scalar scalar && !isLiteral(scalar)) {
            return json.parse(scalar.text())
                    .map(tree -> scalar.text())
                    .orElseThrow(() -> new UnfitStepException(
                            shown(scalar.text()) + " is no JSON",
                            "write maps and lists as YAML, or the JSON as one text: a text is written '\"text\"'"));
        }
        return json.text(node);
    }

    private static boolean isLiteral(YamlNode.Scalar scalar) {
        return scalar.plain() && (scalar.text().equals("true") || scalar.text().equals("false"));
    }

    private static Object scalar(YamlNode.Scalar scalar, LogicalType type, String declared) throws UnfitStepException {
        String text = scalar.text();
        if (type == Simple.TEXT || type instanceof LogicalType.Native) {
            return text;
        }
        try {
            if (type instanceof Numeric) {
                return numeric(text);
            }
            if (type instanceof Simple simple) {
                switch (simple) {
                    case BOOLEAN -> {
                        return bool(scalar, declared);
                    }
                    case INT16 -> {
                        return (int) Short.parseShort(text);
                    }
                    case INT32 -> {
                        return Integer.parseInt(text);
                    }
                    case INT64 -> {
                        return Long.parseLong(text);
                    }
                    case FLOAT32 -> {
                        return Float.valueOf(text);
                    }
                    case FLOAT64 -> {
                        return Double.valueOf(text);
                    }
                    case DATE -> requireDate(text, false, declared);
                    case TIMESTAMP, TIMESTAMPTZ -> requireDate(text.replace('T', ' '), true, declared);
                    case TIME -> requireTime(text, declared);
                    default -> {}
                }
            }
            return decoded(text, type, declared);
        } catch (NumberFormatException | UnrepresentableValueException e) {
            throw unfit(declared, shown(text));
        }
    }

    private static Object bool(YamlNode.Scalar scalar, String declared) throws UnfitStepException {
        if (!isLiteral(scalar)) {
            throw unfit(declared, shown(scalar.text()));
        }
        return scalar.text().equals("true");
    }

    private static Object numeric(String text) {
        return Arrays.stream(NumericSpecial.values())
                .filter(special -> special.toString().equals(text))
                .findFirst()
                .<Object>map(special -> special)
                .orElseGet(() -> {
                    BigDecimal number = new BigDecimal(text);
                    return number.scale() < 0 ? number.setScale(0) : number;
                });
    }

    private static Object decoded(String text, LogicalType type, String declared) {
        String plain = type == Simple.TIMESTAMPTZ || type == Simple.TIMESTAMP ? utc(text) : text;
        Column column = new Column("value", type, declared, true);
        byte[] bytes = plain.getBytes(StandardCharsets.UTF_8);
        return new RowTextDecoder(new RowSchema("spec", List.of(column), List.of()), "spec")
                .value(0, bytes, 0, bytes.length);
    }

    /** ISO's T and Z are as good as PostgreSQL's own form. */
    private static String utc(String text) {
        String plain = text.contains("infinity") ? text : text.replace('T', ' ');
        return plain.endsWith("Z") ? plain.substring(0, plain.length() - 1) + "+00" : plain;
    }

    /** The decoder takes the server's word for it that there is such a day. */
    private static void requireDate(String text, boolean withTime, String declared) throws UnfitStepException {
        if (text.equals("infinity") || text.equals("-infinity")) {
            return;
        }
        Matcher date = DATE.matcher(text);
        if (!date.matches() || !isDay(Integer.parseInt(date.group(1)), date.group(2), date.group(3))) {
            throw unfit(declared, shown(text));
        }
        String rest = date.group(4);
        if (withTime) {
            Matcher time = TIME.matcher(rest.startsWith(" ") ? rest.substring(1) : "");
            String offset = time.matches() ? time.group(1) : "no time";
            if (!OFFSET.matcher(offset.equals("Z") ? "" : offset).matches()) {
                throw unfit(declared, shown(text));
            }
        } else if (!rest.isEmpty() && !rest.equals(" BC")) {
            throw unfit(declared, shown(text));
        }
    }

    private static boolean isDay(int year, String month, String day) {
        int number = Integer.parseInt(month);
        return number >= 1 && number <= 12 && YearMonth.of(year, number).isValidDay(Integer.parseInt(day));
    }

    private static void requireTime(String text, String declared) throws UnfitStepException {
        Matcher time = TIME.matcher(text);
        if (!time.matches() || !time.group(1).isEmpty()) {
            throw unfit(declared, shown(text));
        }
    }

    private static UnfitStepException unfit(String declared, String shown) {
        return new UnfitStepException(
                shown + " is no value of type " + declared, "write it as PostgreSQL would show it");
    }

    private static String shown(String text) {
        return "\"" + (text.length() > 60 ? text.substring(0, 60) + "…" : text) + "\"";
    }
}
