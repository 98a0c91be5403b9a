/**
 * From a pipeline file and the columns of a source table to a pure function: a change in, changes of target rows out.
 *
 * <p>Invariants: free of Kafka, JDBC and clocks, so that a preview or a comparison runs the very same function as the
 * stream; a compiled mapping is immutable and shared by threads; whatever the file says is either honoured or refused with
 * its place, never passed over; a reason for a rejection never holds a row's values.
 */
@NullMarked
package io.sluice.transform.mapping;

import org.jspecify.annotations.NullMarked;
