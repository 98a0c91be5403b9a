/**
 * The pipeline file as values: what a person asked for, every default filled in, every contradiction already refused by the
 * reader. Free of YAML, Kafka and JDBC.
 *
 * <p>Everything here is immutable. What a later stage may find wrong (an expression that does not compile, a column that the
 * source lacks) carries the {@link io.sluice.schemas.pipeline.Place} it was written at. What may hold a password is a
 * {@link io.sluice.schemas.pipeline.Secret}.
 */
@NullMarked
package io.sluice.schemas.pipeline;

import org.jspecify.annotations.NullMarked;
