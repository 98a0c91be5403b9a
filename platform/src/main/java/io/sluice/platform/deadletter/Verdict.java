package io.sluice.platform.deadletter;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why a record can't go on.
 *
 * @param stage which stage found it, {@code transform} or {@code sink}
 * @param code as a halt for the same cause has it; the SQLSTATE where a database refused the row
 * @param problem in words, without any value of the row
 * @param rule the rule that it breaks; null unless that is the reason
 * @param position where the change stands in its source, spelt as {@code sluice.position}; null where that could not be read
 */
public record Verdict(
        String stage, Reason reason, String code, String problem, @Nullable String rule, @Nullable String position) {

    public static final String TRANSFORM = "transform";
    public static final String SINK = "sink";

    public Verdict {
        Objects.requireNonNull(stage, "stage");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(problem, "problem");
    }
}
