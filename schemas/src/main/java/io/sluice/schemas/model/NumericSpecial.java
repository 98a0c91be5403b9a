package io.sluice.schemas.model;

/** The values of a numeric column that no {@link java.math.BigDecimal} can hold, spelt as PostgreSQL spells them. */
public enum NumericSpecial {
    NAN("NaN"),
    POSITIVE_INFINITY("Infinity"),
    NEGATIVE_INFINITY("-Infinity");

    private final String text;

    NumericSpecial(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
