package io.sluice.schemas.model;

/**
 * Stands in a {@link Row} for a value that the log did not carry because the statement did not touch it.
 *
 * <p>Never null and never a magic string: whoever handles a value must say what it does with this one.
 */
public enum Unchanged {
    UNCHANGED
}
