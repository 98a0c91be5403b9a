package io.sluice.platform.postgres;

/** What the log says of a row that is updated or deleted. */
public enum ReplicaIdentity {
    /** The primary key, where there is one. */
    DEFAULT,
    /** The columns of one unique index. */
    INDEX,
    /** The whole row. */
    FULL,
    /** Nothing. */
    NOTHING;

    static ReplicaIdentity of(String code) {
        return switch (code) {
            case "d" -> DEFAULT;
            case "i" -> INDEX;
            case "f" -> FULL;
            default -> NOTHING;
        };
    }
}
