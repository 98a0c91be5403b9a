package io.sluice.schemas.mapper;

import java.util.Objects;

/**
 * A column of the target table.
 *
 * @param type as PostgreSQL writes it, {@code numeric(18,8)} say
 */
public record MappedColumn(String name, String type, boolean nullable) {

    public MappedColumn {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }

    public static MappedColumn of(String name, String type) {
        return new MappedColumn(name, type, true);
    }

    /** One that is never null. */
    public static MappedColumn required(String name, String type) {
        return new MappedColumn(name, type, false);
    }
}
