package io.sluice.schemas.model;

/** How the endless ends of time are carried: as the greatest and least number of the carrier, as PostgreSQL itself does. */
public final class Temporals {

    public static final long TIMESTAMP_INFINITY = Long.MAX_VALUE;
    public static final long TIMESTAMP_NEGATIVE_INFINITY = Long.MIN_VALUE;
    public static final int DATE_INFINITY = Integer.MAX_VALUE;
    public static final int DATE_NEGATIVE_INFINITY = Integer.MIN_VALUE;

    private Temporals() {}
}
