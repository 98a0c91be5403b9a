package io.sluice.sink.sweep;

import io.sluice.sink.sql.HolderTable;

/** Which rows of a target table the loads of one source table speak for. */
sealed interface SweepScope {

    SweepScope WHOLE = new Whole();

    /** All of them. */
    record Whole() implements SweepScope {}

    /** Those whose key names the source. */
    record Named(String column, String source) implements SweepScope {}

    /** Those that the source table has. A row that another one has, too, stays; that this one has it no more is noted. */
    record Held(HolderTable holders, int source) implements SweepScope {}
}
