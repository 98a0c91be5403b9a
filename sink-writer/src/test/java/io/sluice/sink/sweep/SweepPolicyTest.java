package io.sluice.sink.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TableSpecBuilder;
import io.sluice.schemas.pipeline.WriteSpec;
import java.util.List;
import java.util.Optional;
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
        assertThat(SweepPolicy.swept(List.of(table().build()))).containsEntry(TARGET, ONE);
    }

    @Test
    void aTableWhoseRowsMayBeOfOthersOrMustStayIsNot() {
        TableSpec several = TableSpec.builder(TARGET, List.of(ONE, TWO)).build();
        assertThat(SweepPolicy.whyNot(several))
                .hasValueSatisfying(why -> assertThat(why).contains("several"));
        assertThat(whyNot(table().write(WriteSpec.appendOnly()))).isPresent();
        assertThat(whyNot(table().deletes(new DeletePolicy.Ignore()))).isPresent();
        assertThat(whyNot(table().deletes(new DeletePolicy.Soft("deleted_at")))).isPresent();
        assertThat(whyNot(table().conflict(new ConflictSpec(
                        ConflictSpec.Resolution.MANUAL, Optional.of("updated_at"), false, Place.NOWHERE))))
                .isPresent();
        assertThat(SweepPolicy.swept(List.of(several))).isEmpty();
    }
}
