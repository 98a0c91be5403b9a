package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.ReplicaIdentity;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.Loading;
import io.sluice.source.position.TableState;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TablePlanTest {

    private static final TableId NOTES = new TableId("shop", "public", "notes");
    private static final RowSchema ROW =
            new RowSchema("notes", List.of(new Column("note", LogicalType.Simple.TEXT, "text", true)), List.of("note"));
    private static final PostgresTable KEYLESS = new PostgresTable(
            7, "public", "notes", PostgresTable.Kind.TABLE, ROW, ReplicaIdentity.FULL, true, 10, false, List.of());

    private static TableState readWholeUntil(long until) {
        return TableState.unread(NOTES, 1, 7, TableKeys.of(ROW))
                .withLoading(Loading.begun("first", List.of("orders"), false, false, 10))
                .loaded(10, new TableState.Filter("5:5:", until));
    }

    private static TableState next(TableState stored, long boundary, String... readers) {
        return new TablePlan(1, boundary, () -> "next").next(NOTES, stored, Optional.of(KEYLESS), List.of(readers));
    }

    /** Deletes that the load could not see, and that were to follow it, went with the session that kept them. */
    @Test
    void aTableWhoseReadingTheStreamHasNotPassedIsReadAgainForEverybodyAndSwept() {
        Loading loading = next(readWholeUntil(100), 99, "orders", "search").loading();

        assertThat(loading).isNotNull();
        assertThat(loading.id()).isEqualTo("next");
        assertThat(loading.sweep()).isTrue();
        assertThat(loading.services()).containsExactly("orders", "search");
        assertThat(next(readWholeUntil(100), 99, "orders").loading().sweep()).isTrue();
    }

    @Test
    void oneThatTheStreamHasPassedStaysAsItIs() {
        assertThat(next(readWholeUntil(100), 100, "orders").loading()).isNull();
        Loading joining = next(readWholeUntil(100), 100, "orders", "search").loading();
        assertThat(joining.services()).containsExactly("search");
        assertThat(joining.sweep()).isFalse();
    }
}
