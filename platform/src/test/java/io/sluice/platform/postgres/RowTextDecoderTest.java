package io.sluice.platform.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Array;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RowTextDecoderTest {

    @Test
    void aLineOfCopyIsARow() {
        RowTextDecoder decoder = decoder(Simple.INT32, Simple.TEXT, Simple.TEXT, Simple.TEXT);

        Row row = decoder.copyLine(bytes("-7\ta\\tb\\\\N\\n\t\\N\t\n"));

        assertThat(row.value(0)).isEqualTo(-7);
        assertThat(row.value(1)).isEqualTo("a\tb\\N\n");
        assertThat(row.value(2)).isNull();
        assertThat(row.value(3)).isEqualTo("");
    }

    @Test
    void aLineWithTooFewOrTooManyFieldsIsRefused() {
        RowTextDecoder decoder = decoder(Simple.INT32, Simple.TEXT);

        assertThatThrownBy(() -> decoder.copyLine(bytes("1\n"))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> decoder.copyLine(bytes("1\ta\tb\n"))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aValueOfAnotherTypeHaltsWithoutShowingIt() {
        for (LogicalType type : List.of(
                Simple.INT32,
                Simple.FLOAT64,
                Simple.UUID,
                Simple.DATE,
                Simple.TIMESTAMP,
                Simple.BYTES,
                new Array(Simple.INT32),
                LogicalType.Numeric.UNBOUNDED)) {
            assertThatThrownBy(() -> value(type, "secret"))
                    .as("%s", type)
                    .isInstanceOf(HaltException.class)
                    .hasMessageNotContaining("secret");
        }
    }

    @Property(tries = 300)
    void numbersAreReadAsJavaReadsThem(@ForAll long number) {
        assertThat(value(Simple.INT64, Long.toString(number))).isEqualTo(number);
        BigDecimal decimal = BigDecimal.valueOf(number, (int) (number & 7));
        assertThat(value(LogicalType.Numeric.UNBOUNDED, decimal.toPlainString()))
                .isEqualTo(decimal);
    }

    @Property(tries = 500)
    void timestampsAreReadAsJavaReadsThem(
            @ForAll @LongRange(min = -62_135_596_800L, max = 253_402_300_799L) long second,
            @ForAll @LongRange(min = 0, max = 999_999) long micro) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(second, (int) micro * 1000, ZoneOffset.UTC);
        String text = time.toLocalDate() + " "
                + String.format("%02d:%02d:%02d.%06d", time.getHour(), time.getMinute(), time.getSecond(), micro);

        assertThat(value(Simple.TIMESTAMP, text)).isEqualTo(second * 1_000_000 + micro);
        assertThat(value(Simple.TIMESTAMPTZ, text + "+00")).isEqualTo(second * 1_000_000 + micro);
        assertThat(value(Simple.DATE, time.toLocalDate().toString()))
                .isEqualTo((int) time.toLocalDate().toEpochDay());
    }

    @Test
    void yearsBeforeChristCountBackFromOne() {
        assertThat(value(Simple.DATE, "0001-12-31 BC"))
                .isEqualTo((int) LocalDate.of(0, 12, 31).toEpochDay());
        assertThat(value(Simple.TIMESTAMPTZ, "0044-03-15 12:00:00+00 BC"))
                .isEqualTo(LocalDateTime.of(-43, 3, 15, 12, 0).toEpochSecond(ZoneOffset.UTC) * 1_000_000);
    }

    /** The greatest number of microseconds stands for infinity; a time must not be taken for it. */
    @Test
    void theLastMicrosecondThatCouldBeCountedIsRefused() {
        assertThat(value(Simple.TIMESTAMP, "294247-01-10 04:00:54.775806")).isEqualTo(Long.MAX_VALUE - 1);
        assertThatThrownBy(() -> value(Simple.TIMESTAMP, "294247-01-10 04:00:54.775807"))
                .isInstanceOf(UnrepresentableValueException.class);
        assertThatThrownBy(() -> value(Simple.TIMESTAMPTZ, "294276-12-31 23:59:59.999999+00"))
                .isInstanceOf(UnrepresentableValueException.class);
    }

    /** A "char" before version 16 is sent as the byte that it is. */
    @Test
    void aTextThatIsNoUtf8IsRefusedInsteadOfMended() {
        RowTextDecoder decoder = decoder(Simple.TEXT);

        assertThatThrownBy(() -> decoder.value(0, new byte[] {(byte) 0x80}, 0, 1))
                .isInstanceOf(UnrepresentableValueException.class);
        assertThat(value(Simple.TEXT, "\ufffd")).isEqualTo("\ufffd");
    }

    @Test
    void anArrayOfAnotherShapeSaysHowToCarryIt() {
        for (String array : List.of("{{1,2},{3,4}}", "[0:1]={1,2}")) {
            assertThatThrownBy(() -> value(new Array(Simple.INT32), array))
                    .isInstanceOf(UnrepresentableValueException.class)
                    .hasMessageContaining("declare the column with two dimensions");
        }
    }

    @Property(tries = 300)
    void arraysOfAnyTextAreRead(@ForAll @Size(max = 5) List<String> texts) {
        StringBuilder array = new StringBuilder("{");
        for (String text : texts) {
            array.append(array.length() == 1 ? "\"" : ",\"")
                    .append(text.replace("\\", "\\\\").replace("\"", "\\\""))
                    .append('"');
        }
        // What can't be written as UTF-8 is no text of a database.
        List<String> wanted = texts.stream()
                .map(text -> new String(bytes(text), StandardCharsets.UTF_8))
                .toList();

        assertThat(value(new Array(Simple.TEXT), array + "}")).isEqualTo(wanted);
    }

    @Test
    void anUnquotedNullIsNoneAndAQuotedOneIsAText() {
        assertThat(value(new Array(Simple.TEXT), "{NULL,\"NULL\",null}"))
                .isEqualTo(Arrays.asList(null, "NULL", "null"));
    }

    private static Object value(LogicalType type, String text) {
        byte[] padded = bytes("??" + text + "??");
        return decoder(type).value(0, padded, 2, padded.length - 4);
    }

    private static RowTextDecoder decoder(LogicalType... types) {
        Column[] columns = new Column[types.length];
        for (int i = 0; i < types.length; i++) {
            columns[i] = new Column("c" + i, types[i], "?", true);
        }
        return new RowTextDecoder(new RowSchema("t", List.of(columns), List.of()), "table t");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
