package io.sluice.schemas.pipeline;

import java.util.Objects;

/** A CEL expression as written; compiled by the mapping. */
public record Expression(String text, Place place) {

    public Expression {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(place, "place");
    }

    @Override
    public String toString() {
        return text;
    }
}
