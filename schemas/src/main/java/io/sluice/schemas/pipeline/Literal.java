package io.sluice.schemas.pipeline;

import java.math.BigDecimal;
import java.util.Objects;

/** A value written in the file itself, as a constant or a default. */
public sealed interface Literal {

    /** The value as a Java object: {@link String}, {@link BigDecimal} or {@link Boolean}. */
    Object value();

    /** A quoted or plain text. */
    record Text(String value) implements Literal {

        public Text {
            Objects.requireNonNull(value, "value");
        }
    }

    /** A whole number or a decimal, with the digits as written. */
    record Decimal(BigDecimal value) implements Literal {

        public Decimal {
            Objects.requireNonNull(value, "value");
        }
    }

    /** True or false. */
    record Bool(Boolean value) implements Literal {

        public Bool {
            Objects.requireNonNull(value, "value");
        }
    }
}
