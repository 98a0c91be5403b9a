package io.sluice.app.wiring;

/** What is to become of rows that an earlier mapping made, where the mapping is another one now. */
public enum ChangedMapping {
    /** Nobody has decided: nothing starts. */
    REFUSE,
    /** Their source tables are read again, and what that does not meet is deleted. */
    REBUILD,
    /** They stay as they are until they change. */
    KEEP
}
