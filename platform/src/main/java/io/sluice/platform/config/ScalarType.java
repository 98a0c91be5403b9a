package io.sluice.platform.config;

import java.util.Map;
import java.util.Optional;

/** A value that is one word: a text, a number, a duration. */
public final class ScalarType<T> implements ValueType<T> {

    /** Makes a value of a text. */
    @FunctionalInterface
    public interface Parser<T> {
        T parse(Word word) throws Unreadable;
    }

    private static final String NAME = "%s";

    private final String says;
    private final Map<String, Object> schema;
    private final boolean interpolated;
    private final String standIn;
    private final Parser<T> parser;

    private ScalarType(
            String says, Map<String, Object> schema, boolean interpolated, String standIn, Parser<T> parser) {
        this.says = says;
        this.schema = schema;
        this.interpolated = interpolated;
        this.standIn = standIn;
        this.parser = parser;
    }

    /** A value that stands in the file itself. */
    public static <T> ScalarType<T> written(String says, Map<String, Object> schema, Parser<T> parser) {
        return new ScalarType<>(says, schema, false, NAME, parser);
    }

    /** A value that may come from the environment or a file. */
    public static <T> ScalarType<T> interpolated(String says, Map<String, Object> schema, Parser<T> parser) {
        return new ScalarType<>(says, schema, true, NAME, parser);
    }

    /** The same, with what stands for a value whose references are not looked up; {@code %s} is what they name. */
    public ScalarType<T> standingIn(String text) {
        return new ScalarType<>(says, schema, interpolated, text, parser);
    }

    @Override
    public Optional<T> read(YamlNode node, Reading reading) {
        if (!(node instanceof YamlNode.Scalar scalar)) {
            reading.problem(node.place(), "takes " + says + ", not " + node.says(), "");
            return Optional.empty();
        }
        if (scalar.isNothing()) {
            reading.problem(node.place(), "is empty", "write " + says + ", or leave the key out");
            return Optional.empty();
        }
        try {
            return Optional.of(parser.parse(word(scalar, reading.interpolation())));
        } catch (Unreadable e) {
            reading.problem(node.place(), e.what(), e.suggestion());
            return Optional.empty();
        }
    }

    private Word word(YamlNode.Scalar scalar, Interpolation interpolation) throws Unreadable {
        if (interpolated) {
            Interpolation.Filled filled = interpolation.fill(scalar.text());
            if (interpolation.standIn() && filled.literal().indexOf(Word.FILLED_IN) >= 0) {
                String names = filled.text().replaceAll("[^A-Za-z0-9-]+", "-");
                return new Word(
                        standIn.formatted(names),
                        String.valueOf(Word.FILLED_IN),
                        scalar.plain(),
                        scalar.place(),
                        interpolation.folder());
            }
            return new Word(filled.text(), filled.literal(), scalar.plain(), scalar.place(), interpolation.folder());
        }
        if (scalar.text().contains("${env:") || scalar.text().contains("${file:")) {
            throw new Unreadable(
                    "${…} is only filled in where an address, a user, a password or a file is given",
                    "write the value itself");
        }
        return new Word(scalar.text(), scalar.text(), scalar.plain(), scalar.place(), interpolation.folder());
    }

    @Override
    public Map<String, Object> jsonSchema(Map<String, Object> definitions) {
        return schema;
    }

    @Override
    public String says() {
        return says;
    }
}
