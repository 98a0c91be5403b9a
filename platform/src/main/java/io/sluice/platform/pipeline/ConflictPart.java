package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.schemas.pipeline.ConflictSpec;
import io.sluice.schemas.pipeline.ConflictSpec.Resolution;
import java.util.List;

/** The {@code conflict:} of a table. */
final class ConflictPart {

    static final Key<Resolution> RESOLVE = Key.optional(
            "resolve",
            Types.oneOf(List.of(Resolution.values())),
            "source-wins",
            "Who prevails where the target's row is newer than the one that arrives: the source; the later value of `by`; or "
                    + "a person, for whom the row is parked.");
    static final Key<String> BY = Key.optional(
            "by",
            Words.column(),
            "conflicts are not noticed",
            "The target column whose later value is the newer one, a timestamp as a rule.");
    static final Key<Boolean> ALERT =
            Key.optional("alert", Types.bool(), "false", "Whether each conflict is reported.");
    static final Shape SHAPE =
            new Shape("conflict", "What happens when the target holds something newer.", List.of(RESOLVE, BY, ALERT));

    private ConflictPart() {}

    static ConflictSpec read(Section section, boolean strong) {
        Resolution resolution = section.get(RESOLVE).orElse(Resolution.SOURCE_WINS);
        if (resolution != Resolution.SOURCE_WINS && !section.sets(BY)) {
            section.problem(
                    RESOLVE,
                    Types.show(resolution) + " needs to know what is newer",
                    "name a timestamp column under by");
        }
        if (resolution == Resolution.MANUAL && strong) {
            section.problem(
                    RESOLVE,
                    "manual parks rows, and a strong service never skips one",
                    "use source-wins or last-write-wins, or another consistency");
        }
        if (resolution == Resolution.SOURCE_WINS && section.get(ALERT).orElse(false) && !section.sets(BY)) {
            section.problem(ALERT, "a conflict can't be noticed without by", "name a timestamp column under by");
        }
        return new ConflictSpec(resolution, section.get(BY), section.get(ALERT).orElse(false), section.place());
    }
}
