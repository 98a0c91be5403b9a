package io.sluice.platform.postgres;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A type that holds every value of a column as it is, and every value of the rows that are to come.
 *
 * @param declared as SQL writes it
 * @param rewrites whether changing the column to it writes the whole table anew, while nobody may read it
 */
public record WiderType(String declared, boolean rewrites) {

    private static final List<String> INTEGERS = List.of("smallint", "integer", "bigint");
    private static final Pattern SIZED = Pattern.compile("(numeric|character varying)\\((\\d+)(?:,(\\d+))?\\)");
    private static final int MOST_DIGITS = 1000;

    /**
     * Both as {@code format_type} writes them; a domain is no type that we change.
     *
     * @return empty where the column holds what comes already, or nothing holds both without loss
     */
    public static Optional<WiderType> between(String column, String rows) {
        if (column.equals(rows)) {
            return Optional.empty();
        }
        int from = INTEGERS.indexOf(column);
        if (from >= 0) {
            boolean wider = INTEGERS.indexOf(rows) > from || rows.equals("numeric");
            return wider ? Optional.of(new WiderType(rows, true)) : Optional.empty();
        }
        if (column.equals("real")) {
            return rows.equals("double precision") ? Optional.of(new WiderType(rows, true)) : Optional.empty();
        }
        Matcher sized = SIZED.matcher(column);
        if (!sized.matches()) {
            return Optional.empty();
        }
        return sized.group(1).equals("numeric") ? number(sized, rows) : text(sized, rows);
    }

    private static Optional<WiderType> text(Matcher column, String rows) {
        if (rows.equals("text") || rows.equals("character varying")) {
            return Optional.of(new WiderType(rows, false));
        }
        Matcher wanted = SIZED.matcher(rows);
        boolean longer = wanted.matches()
                && wanted.group(1).equals("character varying")
                && number(wanted, 2) > number(column, 2);
        return longer ? Optional.of(new WiderType(rows, false)) : Optional.empty();
    }

    private static Optional<WiderType> number(Matcher column, String rows) {
        if (rows.equals("numeric")) {
            return Optional.of(new WiderType(rows, false));
        }
        Matcher wanted = SIZED.matcher(rows);
        if (!wanted.matches() || !wanted.group(1).equals("numeric")) {
            return Optional.empty();
        }
        int scale = Math.max(number(column, 3), number(wanted, 3));
        int before = Math.max(number(column, 2) - number(column, 3), number(wanted, 2) - number(wanted, 3));
        boolean same = scale == number(column, 3);
        if (same && before == number(column, 2) - scale) {
            return Optional.empty();
        }
        return before + scale > MOST_DIGITS
                ? Optional.of(new WiderType("numeric", false))
                : Optional.of(new WiderType("numeric(" + (before + scale) + "," + scale + ")", !same));
    }

    private static int number(Matcher type, int group) {
        return type.group(group) == null ? 0 : Integer.parseInt(type.group(group));
    }
}
