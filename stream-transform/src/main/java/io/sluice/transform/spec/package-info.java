/**
 * The mapping test kit: what a pipeline file makes of rows, said in YAML beside it, and run without a database or a broker.
 *
 * <p>A spec gives changes of source tables and says what each becomes, or which rows the target tables hold in the end. It is
 * read by the same description of keys as the pipeline file, bound to the compiled mapping, and run by whatever applies a change:
 * the mapping alone, or a whole topology.
 *
 * <p>Invariants: free of Kafka; all that is wrong with the files is found before anything runs; values are compared by what
 * they mean to their column's type, never by their spelling.
 */
@NullMarked
package io.sluice.transform.spec;

import org.jspecify.annotations.NullMarked;
