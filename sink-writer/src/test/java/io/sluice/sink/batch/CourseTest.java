package io.sluice.sink.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowChange;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.model.Unchanged;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.WriteSpec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CourseTest {

    private static final TargetTable TABLE = TargetTable.inDefaultSchema("accounts");
    private static final RowSchema ROWS = new RowSchema(
            "accounts",
            List.of(new Column("id", Simple.INT64, "bigint", false), new Column("at", Simple.INT64, "bigint", true)),
            List.of("id"));
    private static final Provenance SOMEWHEN = new Provenance(new Position(1, 1, 1), 1, null, Provenance.Kind.STREAM);
    private static final Object DELETE = new Object();

    private static Course courseOf(DeletePolicy deletes, @Nullable Object... ats) {
        Course course = new Course(new WriteRules(
                WriteSpec.upsert(),
                deletes,
                new ConflictSpec(ConflictSpec.Resolution.MANUAL, Optional.of("at"), false, Place.NOWHERE)));
        Key key = new Key(ROWS.keySchema(), new Object[] {1L});
        for (Object at : ats) {
            course.add(
                    at == DELETE
                            ? new RowChange.Delete(TABLE, key, SOMEWHEN)
                            : new RowChange.Upsert(TABLE, key, new Row(ROWS, new Object[] {1L, at}), SOMEWHEN));
        }
        return course;
    }

    private static Course course(@Nullable Object... ats) {
        return courseOf(new DeletePolicy.Hard(), ats);
    }

    @Test
    void theFirstRowThatTellsIsComparedWithTheTarget() {
        Course course = course(Unchanged.UNCHANGED, 5L, 6L);
        assertThat(course.firstAt()).isEqualTo(1);
        assertThat(Objects.requireNonNull(course.first()).value("at")).isEqualTo(5L);
        assertThat(course.backAt()).isEqualTo(-1);
        assertThat(course(Unchanged.UNCHANGED).first()).isNull();
    }

    @Test
    void whatIsOlderThanTheChangeBeforeItGoesBackAndEqualDoesNot() {
        assertThat(course(5L, 5L, 4L, 6L).backAt()).isEqualTo(2);
        assertThat(course(5L, null).backAt()).isEqualTo(1);
        assertThat(course(null, null, 5L).backAt()).isEqualTo(-1);
    }

    @Test
    void behindADeleteThereIsNothingToMeetUnlessTheRowStays() {
        assertThat(course(5L, DELETE, 4L).backAt()).isEqualTo(-1);
        assertThat(course(DELETE, 4L).first()).isNull();
        assertThat(courseOf(new DeletePolicy.Ignore(), 5L, DELETE, 4L).backAt()).isEqualTo(2);
        assertThat(courseOf(new DeletePolicy.Soft("gone"), DELETE, 4L).firstAt())
                .isEqualTo(1);
    }
}
