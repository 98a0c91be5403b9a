/**
 * Keeps one service's database equal to its row topics.
 *
 * <p>Exactly once in effect: rows, the offset behind them and the proof that we are still the writer commit in one database
 * transaction; what Kafka is told of offsets is a hint for tools.
 */
@NullMarked
package io.sluice.sink;

import org.jspecify.annotations.NullMarked;
