package io.sluice.platform.postgres;

import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Native;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * What each type of one database means.
 *
 * <p>A domain is what it stands on. A type that another database may not have (enum, composite, a range of the user's own) is
 * declared as text there. Belongs to one connection and one thread; the types it has met are kept.
 */
public final class PostgresTypes {

    /** Types below this are the same in every database. */
    private static final long FIRST_USER_OID = 16384;

    private static final int NO_MODIFIER = -1;
    private static final int HEADER_BYTES = 4;

    private final Connection connection;
    private final Map<Long, CatalogType> known = new HashMap<>();

    public PostgresTypes(Connection connection) {
        this.connection = connection;
    }

    /**
     * What a column's type means.
     *
     * @param declared as a new table would declare it
     */
    public record Resolved(LogicalType type, String declared) {}

    private record CatalogType(
            String name, char kind, long base, int baseModifier, int baseDimensions, long element, char delimiter) {

        boolean isArray() {
            return element != 0;
        }
    }

    /**
     * Resolves a type.
     *
     * @param dimensions as declared; 0 where nothing is
     */
    public Resolved resolve(long oid, int modifier, int dimensions) throws SQLException {
        CatalogType type = type(oid);
        if (type.kind() == 'd') {
            int inherited = type.baseModifier() == NO_MODIFIER ? modifier : type.baseModifier();
            return resolve(type.base(), inherited, type.baseDimensions());
        }
        if (type.isArray()) {
            return array(type, modifier, dimensions);
        }
        LogicalType simple = builtIn(oid, modifier);
        if (simple != null) {
            return new Resolved(simple, declared(oid, modifier));
        }
        boolean portable = type.kind() == 'b' || oid < FIRST_USER_OID;
        return new Resolved(new Native(type.name()), portable ? declared(oid, modifier) : "text");
    }

    private Resolved array(CatalogType type, int modifier, int dimensions) throws SQLException {
        Resolved element = resolve(type.element(), modifier, 0);
        boolean flat = dimensions <= 1
                && !(element.type() instanceof Array)
                && type(type.element()).delimiter() == ',';
        // Not as the array itself is declared: its elements may be of a domain that another database does not have.
        String declared = element.type() instanceof Array ? "text" : element.declared() + "[]";
        return new Resolved(flat ? new Array(element.type()) : new Native(type.name()), declared);
    }

    private static @org.jspecify.annotations.Nullable LogicalType builtIn(long oid, int modifier) {
        return switch ((int) oid) {
            case 16 -> Simple.BOOLEAN;
            case 17 -> Simple.BYTES;
            case 20 -> Simple.INT64;
            case 21 -> Simple.INT16;
            case 23 -> Simple.INT32;
            case 25, 1042, 1043 -> Simple.TEXT;
            case 114, 3802 -> Simple.JSON;
            case 700 -> Simple.FLOAT32;
            case 701 -> Simple.FLOAT64;
            case 1082 -> Simple.DATE;
            case 1083 -> Simple.TIME;
            case 1114 -> Simple.TIMESTAMP;
            case 1184 -> Simple.TIMESTAMPTZ;
            case 1700 -> numeric(modifier);
            case 2950 -> Simple.UUID;
            default -> null;
        };
    }

    /** The modifier holds the precision in its upper and the scale, eleven bits with sign, in its lower half. */
    private static Numeric numeric(int modifier) {
        if (modifier < HEADER_BYTES) {
            return Numeric.UNBOUNDED;
        }
        int packed = modifier - HEADER_BYTES;
        int scale = ((packed & 0x7ff) ^ 1024) - 1024;
        return new Numeric((packed >> 16) & 0xffff, scale);
    }

    private String declared(long oid, int modifier) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT pg_catalog.format_type(?::pg_catalog.oid, ?)")) {
            query.setLong(1, oid);
            query.setInt(2, modifier);
            try (ResultSet result = query.executeQuery()) {
                result.next();
                return result.getString(1);
            }
        }
    }

    private CatalogType type(long oid) throws SQLException {
        CatalogType type = known.get(oid);
        if (type == null) {
            type = read(oid);
            known.put(oid, type);
        }
        return type;
    }

    private CatalogType read(long oid) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                """
                SELECT typname, typtype, typbasetype, typtypmod, typndims, typdelim,
                       CASE WHEN typinput = 'pg_catalog.array_in'::pg_catalog.regproc THEN typelem ELSE 0 END
                FROM pg_catalog.pg_type WHERE oid = ?::pg_catalog.oid""")) {
            query.setLong(1, oid);
            try (ResultSet result = query.executeQuery()) {
                if (!result.next()) {
                    throw new SQLException("the type with oid " + oid + " is gone", "42704");
                }
                return new CatalogType(
                        result.getString(1),
                        result.getString(2).charAt(0),
                        result.getLong(3),
                        result.getInt(4),
                        result.getInt(5),
                        result.getLong(7),
                        result.getString(6).charAt(0));
            }
        }
    }
}
