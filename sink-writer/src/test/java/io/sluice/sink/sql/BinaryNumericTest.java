package io.sluice.sink.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BinaryNumericTest {

    @Property(tries = 3000)
    void everyDecimalIsReadBackAsItIs(@ForAll BigInteger unscaled, @ForAll @IntRange(min = -20, max = 60) int scale) {
        assertThat(roundTrip(new BigDecimal(unscaled, scale))).isEqualTo(plain(new BigDecimal(unscaled, scale)));
    }

    @Property(tries = 3000)
    void everySmallDecimalIsReadBackAsItIs(@ForAll long unscaled, @ForAll @IntRange(min = -5, max = 25) int scale) {
        assertThat(roundTrip(BigDecimal.valueOf(unscaled, scale)))
                .isEqualTo(plain(BigDecimal.valueOf(unscaled, scale)));
    }

    @Example
    void groupsOfZerosAreLeftOutAtBothEnds() {
        for (String text :
                new String[] {"0", "0.00", "10000", "100000000.0000", "0.0001", "0.00000001", "1e30", "-9999.9999"}) {
            assertThat(roundTrip(new BigDecimal(text))).isEqualTo(plain(new BigDecimal(text)));
        }
    }

    private static BigDecimal plain(BigDecimal decimal) {
        return decimal.scale() < 0 ? decimal.setScale(0) : decimal;
    }

    /** Reads the form as PostgreSQL's documentation of it says. */
    private static BigDecimal roundTrip(BigDecimal decimal) {
        BinaryArray array = new BinaryArray();
        array.begin(1700);
        BinaryNumeric.write(decimal, array);
        ByteBuffer bytes = ByteBuffer.wrap(array.finish());
        bytes.position(20);
        int size = bytes.getInt();
        int groups = bytes.getShort();
        assertThat(size).isEqualTo(8 + 2 * groups);
        int weight = bytes.getShort();
        int sign = bytes.getShort();
        int scale = bytes.getShort();
        BigDecimal value = BigDecimal.ZERO;
        for (int i = 0; i < groups; i++) {
            int group = bytes.getShort();
            assertThat(group).isBetween(0, 9999);
            assertThat(i == 0 && group == 0).as("a leading group of zeros").isFalse();
            assertThat(i == groups - 1 && group == 0)
                    .as("a trailing group of zeros")
                    .isFalse();
            value = value.add(BigDecimal.valueOf(group).scaleByPowerOfTen(4 * (weight - i)));
        }
        assertThat(bytes.hasRemaining()).isFalse();
        value = value.setScale(scale);
        return sign == 0x4000 ? value.negate() : value;
    }
}
