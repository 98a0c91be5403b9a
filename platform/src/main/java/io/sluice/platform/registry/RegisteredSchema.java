package io.sluice.platform.registry;

import org.apache.avro.Schema;

/** A schema as a subject holds it. */
public record RegisteredSchema(String subject, int version, int id, Schema schema) {}
