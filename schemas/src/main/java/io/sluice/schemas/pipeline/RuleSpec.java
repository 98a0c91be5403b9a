package io.sluice.schemas.pipeline;

import java.util.Objects;

/** What must hold for every row; a row for which it does not is rejected, with the rule's name as reason. */
public record RuleSpec(String name, Expression expression, Place place) {

    public RuleSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(expression, "expression");
        Objects.requireNonNull(place, "place");
    }
}
