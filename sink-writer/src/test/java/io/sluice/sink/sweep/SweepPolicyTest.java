package io.sluice.sink.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.ColumnsSpec;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TableSpecBuilder;
import io.sluice.schemas.pipeline.WriteSpec;
import io.sluice.sink.sweep.SweepPolicy.Swept;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SweepPolicyTest {

    private static final TargetTable TARGET = TargetTable.inDefaultSchema("t");
    private static final TableId ONE = new TableId("m", "public", "one");
    private static final TableId TWO = new TableId("m", "public", "two");

    private static TableSpecBuilder table() {
        return TableSpec.builder(TARGET, ONE);
    }

    private static Optional<String> whyNot(TableSpecBuilder table) {
        return SweepPolicy.whyNot(table.build());
    }

    @Test
    void aTableThatIsACopyOfAnotherIsSwept() {
        assertThat(whyNot(table())).isEmpty();
        assertThat(whyNot(table().write(WriteSpec.firstWins()))).isEmpty();
        assertThat(SweepPolicy.swept(List.of(table().build()))).containsEntry(TARGET, Swept.whole(ONE));
    }

    @Test
    void aTableWhoseRowsMustStayIsNot() {
        assertThat(whyNot(table().write(WriteSpec.appendOnly()))).isPresent();
        assertThat(whyNot(table().deletes(new DeletePolicy.Ignore()))).isPresent();
        assertThat(whyNot(table().deletes(new DeletePolicy.Soft("deleted_at")))).isPresent();
        assertThat(whyNot(table().conflict(new ConflictSpec(
                        ConflictSpec.Resolution.MANUAL, Optional.of("updated_at"), false, Place.NOWHERE))))
                .isPresent();
        assertThat(SweepPolicy.swept(
                        List.of(table().write(WriteSpec.appendOnly()).build())))
                .isEmpty();
    }

    @Test
    void aLoadOfOneOfSeveralSourcesSweepsWhatTheKeyOrTheTargetSaysIsOfThatOne() {
        TableId there = new TableId("other", "public", "one");
        TableSpecBuilder named = TableSpec.builder(TARGET, List.of(ONE, there))
                .key(List.of("tenant", "id"))
                .columns(new ColumnsSpec(
                        List.of(new ColumnSpec(
                                "tenant",
                                new ColumnValue.Variable(ColumnValue.VariableName.SOURCE, Optional.empty()),
                                Optional.empty(),
                                Optional.empty(),
                                Place.NOWHERE)),
                        true,
                        List.of(),
                        Optional.empty()));

        assertThat(SweepPolicy.swept(
                        List.of(TableSpec.builder(TARGET, List.of(ONE, TWO)).build())))
                .containsEntry(TARGET, new Swept(Set.of(ONE, TWO), Optional.empty(), true));
        assertThat(SweepPolicy.swept(List.of(named.build())))
                .containsEntry(TARGET, new Swept(Set.of(ONE, there), Optional.of("tenant"), false));
    }
}
