package io.sluice.transform.mapping.value;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of whatever stands at a place of a document as a value of one type. Documents differ, so each kind of value has
 * its own conversion, and one that has none is told when it comes.
 */
public final class FieldConversion {

    private static final Pattern OBJECT_ID = Pattern.compile("[0-9a-f]{24}");

    private final Dialect dialect;
    private final SqlType to;
    private final boolean identity;
    private final Map<Kind, Conversion> conversions;
    private final @Nullable FieldConversion elements;
    private final RelaxedJson json;

    private FieldConversion(Dialect dialect, SqlType to, Set<Kind> kinds, boolean identity) {
        this.dialect = dialect;
        this.to = to;
        this.identity = identity;
        this.conversions = new EnumMap<>(Kind.class);
        this.json = new RelaxedJson(dialect);
        for (Kind kind : kinds) {
            conversion(kind, to).ifPresent(found -> conversions.put(kind, found));
        }
        this.elements = to.type() instanceof LogicalType.Array array
                ? new FieldConversion(dialect, to.element(array), EnumSet.allOf(Kind.class), false)
                : null;
    }

    public static FieldConversion to(SqlType type, Dialect dialect) {
        return new FieldConversion(dialect, type, EnumSet.allOf(Kind.class), false);
    }

    /**
     * For a document's identity: different ids stay different. So only those kinds are taken that can't be confused, the number
     * 7 as a number and never the text "7" beside it. Empty where the type can't hold ids so.
     */
    public static Optional<FieldConversion> ofIdentity(SqlType type, Dialect dialect) {
        Set<Kind> kinds = kindsOfIdentity(type.type());
        FieldConversion conversion = new FieldConversion(dialect, type, kinds, true);
        return conversion.conversions.isEmpty() ? Optional.empty() : Optional.of(conversion);
    }

    private static Set<Kind> kindsOfIdentity(LogicalType type) {
        if (type instanceof Numeric) {
            return EnumSet.of(Kind.INT32, Kind.INT64);
        }
        if (!(type instanceof Simple simple)) {
            return EnumSet.noneOf(Kind.class);
        }
        return switch (simple) {
            case INT16, INT32, INT64 -> EnumSet.of(Kind.INT32, Kind.INT64);
            case TEXT -> EnumSet.of(Kind.TEXT, Kind.OBJECT_ID);
            case UUID -> EnumSet.of(Kind.UUID);
            case TIMESTAMPTZ -> EnumSet.of(Kind.MOMENT);
            default -> EnumSet.noneOf(Kind.class);
        };
    }

    private static Optional<Conversion> conversion(Kind kind, SqlType to) {
        LogicalType type = kind.type();
        if (type == null) {
            return Optional.empty();
        }
        if (kind == Kind.MOMENT && to.type() == Simple.TIMESTAMP) {
            // MongoDB's dates are moments of UTC by definition.
            return Conversions.between(Simple.TIMESTAMP, to);
        }
        if (kind == Kind.MOMENT && to.type() == Simple.DATE) {
            return Conversions.between(Simple.TIMESTAMP, to);
        }
        if (kind == Kind.OBJECT_ID && to.type() != Simple.TEXT) {
            return Optional.empty();
        }
        return Conversions.between(type, to);
    }

    /**
     * Null where nothing stands there, or null.
     *
     * @throws UnfitValueException if the type can't hold what stands there
     */
    public @Nullable Object apply(JsonNode node) {
        Kind kind = dialect.kindOf(node);
        if (kind == Kind.NULL) {
            return null;
        }
        if (to.type() == Simple.JSON) {
            return json.of(node);
        }
        if (kind == Kind.ARRAY && elements != null) {
            return list(node, elements);
        }
        Conversion conversion = conversions.get(kind);
        if (conversion == null) {
            throw new UnfitValueException(
                    kind.says() + " can't become " + to.declared() + (identity ? " in a key" : ""));
        }
        Object carrier = dialect.carrier(kind, node);
        if (identity && kind == Kind.TEXT && OBJECT_ID.matcher((String) carrier).matches()) {
            throw new UnfitValueException("a text could be taken for an ObjectId, which is another key");
        }
        return conversion.apply(carrier);
    }

    private static List<@Nullable Object> list(JsonNode array, FieldConversion each) {
        List<@Nullable Object> values = new ArrayList<>(array.size());
        for (JsonNode element : array) {
            values.add(each.apply(element));
        }
        return values;
    }
}
