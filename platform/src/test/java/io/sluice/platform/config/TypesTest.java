package io.sluice.platform.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TypesTest {

    private static final ScalarType<Duration> DURATION = Types.duration(Duration.ofMillis(1), Duration.ofDays(366));

    enum Colour {
        LIGHT_RED,
        BLUE
    }

    @Test
    void durationsTakeANumberAndAUnit() {
        assertThat(read(DURATION, "500ms")).contains(Duration.ofMillis(500));
        assertThat(read(DURATION, "30s")).contains(Duration.ofSeconds(30));
        assertThat(read(DURATION, "5m")).contains(Duration.ofMinutes(5));
        assertThat(read(DURATION, "12h")).contains(Duration.ofHours(12));
        assertThat(read(DURATION, "7d")).contains(Duration.ofDays(7));
    }

    @Test
    void whatIsNoDurationIsRefused() {
        for (String wrong :
                List.of("5", "5 m", "5M", "-5m", "1.5h", "0s", "367d", "99999999999999999999d", "P1D", "'٣m'")) {
            assertThat(read(DURATION, wrong)).as(wrong).isEmpty();
        }
    }

    @Test
    void durationsShowAsTheyAreWritten() {
        for (String text : List.of("500ms", "30s", "5m", "12h", "7d", "90s", "25h")) {
            assertThat(Types.show(read(DURATION, text).orElseThrow())).isEqualTo(text);
        }
    }

    @Test
    void sizesTakeBinaryUnitsAlone() {
        ScalarType<Integer> size = Types.bytes(1, 1 << 30);
        assertThat(read(size, "32MiB")).contains(32 << 20);
        assertThat(read(size, "1GiB")).contains(1 << 30);
        assertThat(read(size, "100B")).contains(100);
        for (String wrong : List.of("32", "32MB", "32M", "0B", "2GiB", "999999999GiB")) {
            assertThat(read(size, wrong)).as(wrong).isEmpty();
        }
    }

    @Test
    void wholeNumbersStayInTheirRange() {
        ScalarType<Integer> whole = Types.whole(1, 10);
        assertThat(read(whole, "10")).contains(10);
        for (String wrong : List.of("0", "11", "1.0", "0x1", "1e1", "'5'", "999999999999999999999", "four")) {
            assertThat(read(whole, wrong)).as(wrong).isEmpty();
        }
    }

    @Test
    void decimalsKeepTheirDigits() {
        assertThat(read(Types.notNegative(), "0.10")).contains(new BigDecimal("0.10"));
        assertThat(read(Types.notNegative(), "-0.1")).isEmpty();
        assertThat(read(Types.notNegative(), "NaN")).isEmpty();
    }

    @Test
    void onlyTrueAndFalseAreBooleans() {
        assertThat(read(Types.bool(), "true")).contains(true);
        assertThat(read(Types.bool(), "false")).contains(false);
        for (String wrong : List.of("yes", "No", "on", "TRUE", "1", "'true'")) {
            assertThat(read(Types.bool(), wrong)).as(wrong).isEmpty();
        }
    }

    @Test
    void constantsAreWrittenWithHyphens() {
        assertThat(read(Types.oneOf(List.of(Colour.values())), "light-red")).contains(Colour.LIGHT_RED);
        assertThat(read(Types.oneOf(List.of(Colour.values())), "LIGHT_RED")).isEmpty();
    }

    @Test
    void secretsComeFromElsewhereAndDoNotPrint() {
        assertThat(read(Types.secret("a password"), "${env:PASSWORD}"))
                .hasValueSatisfying(secret -> assertThat(secret.reveal()).isEqualTo("hunter2"))
                .hasToString("Optional[***]");
        assertThat(read(Types.secret("a password"), "hunter2")).isEmpty();
        assertThat(problems(Types.secret("a password"), "hunter2")).doesNotContain("hunter2");
    }

    @Test
    void aValueThatCameFromElsewhereDoesNotShowInAProblem() {
        ScalarType<String> picky = ScalarType.interpolated("a thing", Map.of(), word -> {
            throw new Unreadable(word.shown() + " is wrong: " + word, "");
        });

        assertThat(problems(picky, "\"x ${env:PASSWORD} y\"")).contains("x … y").doesNotContain("hunter2");
    }

    @Test
    void whatAProblemShowsIsShortAndHarmless() {
        assertThat(problems(Types.bool(), "\"a\\u202Eb\\u001B[31m" + "x".repeat(1000) + "\""))
                .contains("a\uFFFDb\uFFFD[31mxxx")
                .hasSizeLessThan(200);
    }

    private static <T> Optional<T> read(ScalarType<T> type, String text) {
        return read(type, text, new Problems("f.yaml"));
    }

    private static String problems(ScalarType<?> type, String text) {
        Problems problems = new Problems("f.yaml");
        assertThat(read(type, text, problems)).isEmpty();
        return problems.sorted().toString();
    }

    private static <T> Optional<T> read(ScalarType<T> type, String text, Problems problems) {
        Key<T> key = Key.required("k", type, "");
        Shape shape = new Shape("s", "", List.of(key));
        Variables variables = Variables.of(Map.of("PASSWORD", "hunter2"), Path.of(""));
        return ConfigFile.read(("k: " + text).getBytes(StandardCharsets.UTF_8), "f.yaml", shape, variables, problems)
                .root()
                .flatMap(section -> section.get(key));
    }
}
