/**
 * The model in Avro, in the Confluent wire format: a zero byte, the schema id as four bytes, the Avro binary.
 *
 * <p>Codecs are compiled once per schema and then work without looking anything up.
 */
@NullMarked
package io.sluice.schemas.codec;

import org.jspecify.annotations.NullMarked;
