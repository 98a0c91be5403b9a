package io.sluice.schemas.pipeline;

/** What a column or field that appears at the source does; other changes of its shape always halt the table. */
public enum DriftPolicy {
    /** Flows through where the table copies every column; counted elsewhere. */
    ADD,
    /** Left out, counted. */
    IGNORE,
    /** Halts the service and shows the statement needed. */
    HALT
}
