package io.sluice.schemas.pipeline;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Where the value of one target column comes from. */
public sealed interface ColumnValue {

    /** A field of the source row, {@code from: address.city}. */
    record Field(FieldPath path) implements ColumnValue {

        public Field {
            Objects.requireNonNull(path, "path");
        }
    }

    /**
     * Something that the split or the pipeline knows, {@code from: $part}.
     *
     * @param outward how many levels of the split further out it is looked up: 1 in {@code $outer.$index}
     * @param within the way into the variable's value, {@code $value.price} say
     */
    record Variable(VariableName name, int outward, Optional<FieldPath> within) implements ColumnValue {

        public Variable {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(within, "within");
            if (outward < 0 || (outward > 0 && name == VariableName.SOURCE)) {
                throw new IllegalArgumentException("only what a split knows is known further out");
            }
        }

        public Variable(VariableName name, Optional<FieldPath> within) {
            this(name, 0, within);
        }
    }

    /** The same value in every row. */
    record Constant(Literal literal) implements ColumnValue {

        public Constant {
            Objects.requireNonNull(literal, "literal");
        }
    }

    /** Computed from the source row. */
    record Computed(Expression expression) implements ColumnValue {

        public Computed {
            Objects.requireNonNull(expression, "expression");
        }
    }

    /**
     * A key of the target's own that a replay finds again: equal fields of one source table always give the same value, in
     * whichever target table of the service they are asked for, so that parents and children agree.
     */
    record Generated(GeneratedKind kind, List<ColumnValue> of) implements ColumnValue {

        public Generated {
            Objects.requireNonNull(kind, "kind");
            of = List.copyOf(of);
            if (of.isEmpty() || !of.stream().allMatch(part -> part instanceof Field || part instanceof Variable)) {
                throw new IllegalArgumentException("a generated key is made from fields and variables");
            }
        }
    }

    /** Not carried over. */
    record Dropped() implements ColumnValue {}

    /** What {@code from: $…} may name. */
    enum VariableName {
        /** The name of the part that a split took the row from. */
        PART,
        /** The part or array element itself. */
        VALUE,
        /** The array element's place, from 0. */
        INDEX,
        /** The name of the source. */
        SOURCE
    }

    /** How a generated key is made. */
    enum GeneratedKind {
        /** A name-based UUID of the fields. */
        UUID,
        /** A number from a key map that the target keeps. */
        SERIAL
    }
}
