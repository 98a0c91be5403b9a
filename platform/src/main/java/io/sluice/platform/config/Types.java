package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Secret;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words that configuration is made of. */
public final class Types {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(B|KiB|MiB|GiB)");
    private static final Pattern WHOLE = Pattern.compile("-?\\d{1,18}");
    private static final Pattern DECIMAL = Pattern.compile("-?\\d{1,30}(\\.\\d{1,30})?");
    private static final List<String> YES_AND_NO = List.of("yes", "no", "on", "off", "True", "False", "TRUE", "FALSE");

    private Types() {}

    /** Any text but a blank one. */
    public static ScalarType<String> text(String says) {
        return ScalarType.written(says, Map.of("type", "string"), word -> notBlank(word, says));
    }

    /** A text of this form. */
    public static ScalarType<String> text(String says, Pattern pattern, String suggestion) {
        return ScalarType.written(
                says, Map.of("type", "string", "pattern", "^(?:" + pattern.pattern() + ")$"), word -> {
                    word.refuseLong();
                    if (!pattern.matcher(word.text()).matches()) {
                        throw new Unreadable(word.shown() + " is not " + says, suggestion);
                    }
                    return word.text();
                });
    }

    /** A text that may come from the environment or a file, and may be shown. */
    public static ScalarType<String> setting(String says) {
        return ScalarType.interpolated(says, Map.of("type", "string"), word -> notBlank(word, says));
    }

    /** A file, by a path that starts at the configuration's folder and may come from the environment. */
    public static ScalarType<String> path() {
        return ScalarType.interpolated("a path", Map.of("type", "string"), word -> {
            notBlank(word, "a path");
            return word.resolved();
        });
    }

    /** A text that must come from the environment or a file. */
    public static ScalarType<Secret> secret(String says) {
        return ScalarType.interpolated(says, Map.of("type", "string", "pattern", "\\$\\{(env|file):"), word -> {
            if (!word.hasReference()) {
                throw new Unreadable(
                        "a secret is written out in the file", "take it from ${env:NAME} or ${file:/path}");
            }
            return Secret.of(word.text());
        });
    }

    private static String notBlank(Word word, String says) throws Unreadable {
        if (word.text().isBlank()) {
            throw new Unreadable(word.shown() + " is blank", "write " + says);
        }
        return word.text();
    }

    public static ScalarType<Boolean> bool() {
        return ScalarType.written("true or false", Map.of("type", "boolean"), word -> {
            if (word.plain() && (word.text().equals("true") || word.text().equals("false"))) {
                return word.text().equals("true");
            }
            int said = YES_AND_NO.indexOf(word.text());
            String meant = said < 0 ? "" : said % 2 == 0 ? "true" : "false";
            throw new Unreadable(
                    word.shown() + " is neither true nor false", meant.isEmpty() ? "" : "did you mean " + meant + "?");
        });
    }

    /** A whole number, both ends allowed. */
    public static ScalarType<Integer> whole(int least, int most) {
        String says = "a whole number from " + least + " to " + most;
        return ScalarType.written(says, Map.of("type", "integer", "minimum", least, "maximum", most), word -> {
            if (!word.plain() || !WHOLE.matcher(word.text()).matches()) {
                throw new Unreadable(word.shown() + " is not a whole number", "write " + says);
            }
            long value = Long.parseLong(word.text());
            if (value < least || value > most) {
                throw new Unreadable(word.text() + " is out of range", "write " + says);
            }
            return (int) value;
        });
    }

    /** A decimal number that is not negative. */
    public static ScalarType<BigDecimal> notNegative() {
        return ScalarType.written("a number from 0 up", Map.of("type", "number", "minimum", 0), word -> {
            if (!word.plain() || !DECIMAL.matcher(word.text()).matches()) {
                throw new Unreadable(word.shown() + " is not a number", "write one like 0.001");
            }
            BigDecimal value = new BigDecimal(word.text());
            if (value.signum() < 0) {
                throw new Unreadable(word.text() + " is negative", "write a number from 0 up");
            }
            return value;
        });
    }

    /** A length of time within these bounds, both allowed. */
    public static ScalarType<Duration> duration(Duration least, Duration most) {
        return ScalarType.written(
                "a duration from " + show(least) + " to " + show(most),
                Map.of("type", "string", "pattern", "^" + DURATION.pattern() + "$"),
                word -> {
                    Matcher matcher = DURATION.matcher(word.text());
                    if (!matcher.matches()) {
                        throw new Unreadable(
                                word.shown() + " is not a duration",
                                "write a whole number and a unit, like 500ms, 30s, 5m, 12h or 7d");
                    }
                    Duration value = duration(Long.parseLong(matcher.group(1)), matcher.group(2));
                    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
                        throw new Unreadable(
                                word.text() + " is out of range", "write from " + show(least) + " to " + show(most));
                    }
                    return value;
                });
    }

    private static Duration duration(long number, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    /** As a file would write it: the largest unit that takes it whole. */
    public static String show(Duration duration) {
        long millis = duration.toMillis();
        if (millis != 0 && millis % 86_400_000 == 0) {
            return millis / 86_400_000 + "d";
        }
        if (millis != 0 && millis % 3_600_000 == 0) {
            return millis / 3_600_000 + "h";
        }
        if (millis != 0 && millis % 60_000 == 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }

    /** A number of bytes within these bounds, both allowed. */
    public static ScalarType<Integer> bytes(int least, int most) {
        return ScalarType.written(
                "a size from " + showBytes(least) + " to " + showBytes(most),
                Map.of("type", "string", "pattern", "^" + SIZE.pattern() + "$"),
                word -> {
                    Matcher matcher = SIZE.matcher(word.text());
                    if (!matcher.matches()) {
                        throw new Unreadable(
                                word.shown() + " is not a size",
                                "write a whole number and B, KiB, MiB or GiB, like 32MiB");
                    }
                    long unit =
                            switch (matcher.group(2)) {
                                case "B" -> 1L;
                                case "KiB" -> 1L << 10;
                                case "MiB" -> 1L << 20;
                                default -> 1L << 30;
                            };
                    long value = Long.parseLong(matcher.group(1)) * unit;
                    if (value < least || value > most) {
                        throw new Unreadable(
                                word.text() + " is out of range",
                                "write from " + showBytes(least) + " to " + showBytes(most));
                    }
                    return (int) value;
                });
    }

    private static String showBytes(int bytes) {
        if (bytes % (1 << 20) == 0) {
            return (bytes >> 20) + "MiB";
        }
        return bytes % (1 << 10) == 0 ? (bytes >> 10) + "KiB" : bytes + "B";
    }

    /** One of these constants, written in lower case with hyphens. */
    public static <E extends Enum<E>> ScalarType<E> oneOf(List<E> constants) {
        List<String> names = constants.stream().map(Types::show).toList();
        return ScalarType.written(
                "one of " + String.join(", ", names), Map.of("type", "string", "enum", names), word -> {
                    int index = names.indexOf(word.text());
                    if (index < 0) {
                        String suggestion = DidYouMean.suggest(word.text(), names);
                        throw new Unreadable("does not know " + word.shown(), suggestion);
                    }
                    return constants.get(index);
                });
    }

    /** As a file writes it. */
    public static String show(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
