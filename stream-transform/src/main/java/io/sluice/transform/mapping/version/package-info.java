/**
 * What mappings do, as data that can be kept and compared: so that a table is never half of an old mapping and half of a new one
 * without a word. Pure; knows no Kafka.
 */
@NullMarked
package io.sluice.transform.mapping.version;

import org.jspecify.annotations.NullMarked;
