package io.sluice.platform.pipeline;

import io.sluice.schemas.pipeline.Expression;
import java.util.Optional;

/** Looks at an expression without running it. The mapping, which compiles them, supplies the real one. */
@FunctionalInterface
public interface ExpressionChecker {

    /** What an expression is for; filters and rules must give a boolean. */
    enum Use {
        FILTER,
        RULE,
        COLUMN
    }

    /** What is wrong with it, in a few words; empty if nothing is. */
    Optional<String> problemOf(Expression expression, Use use);

    /** Takes everything. */
    static ExpressionChecker trusting() {
        return (expression, use) -> Optional.empty();
    }
}
