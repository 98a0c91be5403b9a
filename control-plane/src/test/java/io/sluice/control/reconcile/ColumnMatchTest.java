package io.sluice.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Native;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.NumericSpecial;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ColumnMatchTest {

    private static final Numeric MONEY = new Numeric(12, 2);

    private static ColumnMatch match(LogicalType expected, LogicalType actual, String declared) {
        return match(expected, actual, declared, null);
    }

    private static ColumnMatch match(
            LogicalType expected, LogicalType actual, String declared, @Nullable BigDecimal tolerance) {
        return new ColumnMatch(
                new Column("c", expected, "whatever", true), new Column("c", actual, declared, true), tolerance);
    }

    private static ColumnMatch same(LogicalType type) {
        return match(type, type, "whatever");
    }

    private static BigDecimal decimal(String text) {
        return new BigDecimal(text);
    }

    @Test
    void numbersAreEqualHoweverTheyAreWrittenAndDifferInTheLastDigit() {
        ColumnMatch unbounded = same(Numeric.UNBOUNDED);
        assertThat(unbounded.isEqual(decimal("1"), decimal("1.00"))).isTrue();
        assertThat(unbounded.isEqual(decimal("1000"), decimal("1E3"))).isTrue();
        assertThat(unbounded.isEqual(decimal("0"), decimal("0.000"))).isTrue();
        assertThat(unbounded.isEqual(decimal("1.000000000000000000001"), decimal("1")))
                .isFalse();
        assertThat(unbounded.isEqual(decimal("123456789012345678901"), decimal("123456789012345678902")))
                .isFalse();
        assertThat(unbounded.isEqual(NumericSpecial.NAN, NumericSpecial.NAN)).isTrue();
        assertThat(unbounded.isEqual(NumericSpecial.NAN, decimal("0"))).isFalse();
    }

    @Test
    void aWiderTargetTypeHoldsTheSameValue() {
        assertThat(match(Simple.INT32, Simple.INT64, "bigint").isEqual(7, 7L)).isTrue();
        assertThat(match(Simple.INT64, Numeric.UNBOUNDED, "numeric").isEqual(7L, decimal("7.0")))
                .isTrue();
        assertThat(match(Simple.FLOAT32, Simple.FLOAT64, "double precision").isEqual(0.1f, (double) 0.1f))
                .isTrue();
        assertThat(match(Simple.INT32, Simple.INT64, "bigint").isEqual(7, 7L + (1L << 32)))
                .isFalse();
    }

    @Test
    void whatTheTargetRoundsIsExpectedRounded() {
        ColumnMatch rounded = match(Numeric.UNBOUNDED, MONEY, "numeric(12,2)");
        assertThat(rounded.isEqual(decimal("1.005"), decimal("1.01"))).isTrue();
        assertThat(rounded.isEqual(decimal("-1.005"), decimal("-1.01"))).isTrue();
        assertThat(rounded.isEqual(decimal("1.005"), decimal("1.00"))).isFalse();
        ColumnMatch millis = match(Simple.TIMESTAMPTZ, Simple.TIMESTAMPTZ, "timestamp(3) with time zone");
        assertThat(millis.isEqual(1_700_000_000_123_456L, 1_700_000_000_123_000L))
                .isTrue();
        assertThat(millis.isEqual(1_700_000_000_123_456L, 1_700_000_000_124_000L))
                .isFalse();
    }

    @Test
    void aMicrosecondIsADifference() {
        assertThat(same(Simple.TIMESTAMPTZ).isEqual(1_000_000L, 1_000_001L)).isFalse();
    }

    @Test
    void textsDifferInABlankAndNothingIsNotTheEmptyText() {
        ColumnMatch text = same(Simple.TEXT);
        assertThat(text.isEqual("a", "a ")).isFalse();
        assertThat(text.isEqual("", null)).isFalse();
        assertThat(text.isEqual(null, "")).isFalse();
        assertThat(text.isEqual(null, null)).isTrue();
        ColumnMatch padded = match(Simple.TEXT, Simple.TEXT, "character(5)");
        assertThat(padded.isEqual("a", "a    ")).isTrue();
        assertThat(padded.isEqual(" a", "a    ")).isFalse();
        assertThat(padded.isEqual("a\t", "a    ")).isFalse();
    }

    @Test
    void theOrderOfKeysInJsonIsNoDifferenceAndThatOfElementsIs() {
        ColumnMatch json = same(Simple.JSON);
        assertThat(json.isEqual("{\"a\":1,\"b\":[1,2]}", "{ \"b\": [1, 2], \"a\": 1.0 }"))
                .isTrue();
        assertThat(json.isEqual("[1,2]", "[2,1]")).isFalse();
        assertThat(json.isEqual("{\"a\":null}", "{}")).isFalse();
        assertThat(json.isEqual("{\"a\":\"1\"}", "{\"a\":1}")).isFalse();
        assertThat(json.isEqual("\"true\"", "true")).isFalse();
        assertThat(json.isEqual("{\"a\":12345678901234567890.1}", "{\"a\":12345678901234567890.2}"))
                .isFalse();
    }

    @Test
    void zeroHasNoSign() {
        assertThat(same(Simple.FLOAT64).isEqual(0.0, -0.0)).isTrue();
        assertThat(same(Simple.FLOAT64).isEqual(Double.NaN, Double.NaN)).isTrue();
    }

    @Test
    void arraysAreComparedElementByElement() {
        ColumnMatch numbers = same(new Array(Numeric.UNBOUNDED));
        assertThat(numbers.isEqual(Arrays.asList(decimal("1"), null), Arrays.asList(decimal("1.0"), null)))
                .isTrue();
        assertThat(numbers.isEqual(List.of(decimal("1")), List.of(decimal("1"), decimal("1"))))
                .isFalse();
    }

    @Test
    void aToleranceIsAnAbsoluteDifference() {
        ColumnMatch near = match(MONEY, MONEY, "numeric(12,2)", decimal("0.01"));
        assertThat(near.isEqual(decimal("1.00"), decimal("1.01"))).isTrue();
        assertThat(near.isEqual(decimal("1.00"), decimal("1.02"))).isFalse();
        assertThat(near.isEqual(decimal("1.00"), null)).isFalse();
        ColumnMatch floats = match(Simple.FLOAT64, Simple.FLOAT64, "double precision", decimal("0.001"));
        assertThat(floats.isEqual(1.0, 1.0009)).isTrue();
        assertThat(floats.isEqual(1.0, Double.NaN)).isFalse();
    }

    @Test
    void typesWithNothingInCommonAreNotCompared() {
        assertThat(match(Simple.DATE, Simple.TIMESTAMP, "timestamp without time zone")
                        .isPossible())
                .isFalse();
        assertThat(match(Simple.TEXT, Simple.JSON, "jsonb").isPossible()).isFalse();
        assertThat(match(Simple.TEXT, new Native("mood"), "text").isPossible()).isTrue();
        assertThat(match(Simple.UUID, Simple.TEXT, "text").isPossible()).isTrue();
    }
}
