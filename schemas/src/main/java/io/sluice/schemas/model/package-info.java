/**
 * The vocabulary of every stage: changes as a source saw them, rows as a target takes them, and where each one stands.
 *
 * <p>Free of Kafka, JDBC, Debezium and Avro. Everything here is immutable; an array handed to a constructor belongs to
 * the new object from then on.
 */
@NullMarked
package io.sluice.schemas.model;

import org.jspecify.annotations.NullMarked;
