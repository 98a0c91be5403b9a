package io.sluice.sink.sql;

import io.sluice.platform.postgres.WiderType;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which columns of a target would change the values of their rows without a word: what does not fit is an error of the database
 * mostly, but digits, times of day and ends of names it just drops.
 */
final class SilentLoss {

    private static final Set<String> INTEGERS = Set.of("int2", "int4", "int8");
    private static final Set<String> FLOATS = Set.of("float4", "float8");
    private static final Set<String> PARTS_OF_TIMESTAMPS = Set.of("date", "time", "timetz");
    private static final Pattern TIME = Pattern.compile("time(?:stamp)?(?:\\((\\d)\\))? with(?:out)? time zone");
    private static final int MICROSECONDS = 6;

    private SilentLoss() {}

    /** Whether a value that the rows may have would be another one in this column, and nobody told. */
    static boolean isPossible(Column rows, TargetColumn target) {
        if (rows.declared().equals(target.declared())) {
            return false;
        }
        String to = target.typeName();
        LogicalType from = rows.type();
        if (from instanceof Numeric numeric) {
            Integer scale = numeric.scale();
            return FLOATS.contains(to) || ((scale == null || scale > 0) && INTEGERS.contains(to));
        }
        return from instanceof Simple simple && (isPossible(simple, to) || places(rows.declared()) > places(target));
    }

    /** Whether blanks at the end of a value may be cut off: all else that is too long is an error. */
    static boolean cutsBlanks(Column rows, TargetColumn target) {
        return rows.type() == Simple.TEXT
                && target.declared().startsWith("character varying(")
                && WiderType.between(target.declared(), rows.declared()).isPresent();
    }

    private static boolean isPossible(Simple from, String to) {
        return switch (from) {
            case INT32 -> to.equals("float4");
            case INT64 -> FLOATS.contains(to);
            case FLOAT32 -> INTEGERS.contains(to) || to.equals("numeric");
            case FLOAT64 -> INTEGERS.contains(to) || to.equals("numeric") || to.equals("float4");
            case TIMESTAMP, TIMESTAMPTZ -> PARTS_OF_TIMESTAMPS.contains(to);
            case TEXT -> to.equals("name") || to.equals("char") || to.equals("date");
            default -> false;
        };
    }

    private static int places(TargetColumn target) {
        Matcher time = TIME.matcher(target.declared());
        return time.matches() ? places(time) : Integer.MAX_VALUE;
    }

    /** How many digits of a second, none where it is no time. */
    private static int places(String declared) {
        Matcher time = TIME.matcher(declared);
        return time.matches() ? places(time) : 0;
    }

    private static int places(Matcher time) {
        return time.group(1) == null ? MICROSECONDS : Integer.parseInt(time.group(1));
    }
}
