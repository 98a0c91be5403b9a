package io.sluice.schemas.model;

/** The change record that a row record was made from: what lets a sink drop what it has already applied. */
public record Origin(int partition, long offset) {}
