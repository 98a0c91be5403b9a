package io.sluice.source.types;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The entries of {@code types/postgresql.yaml}, which says what each field means.
 *
 * @param setup statements that make the types of the user
 */
public record TypeCases(List<String> setup, List<Section> sections, List<Refused> refused) {

    /** Types that belong together. */
    public record Section(String title, List<TypeCase> types) {}

    /**
     * One type.
     *
     * @param title what the documentation calls it; empty where it does not list it
     */
    public record TypeCase(
            String type,
            String title,
            String logical,
            String avro,
            String says,
            String declared,
            int since,
            List<String> setup,
            List<Value> values) {

        /** What the version has of it. */
        public List<Value> valuesOf(int version) {
            return values.stream().filter(value -> value.since() <= version).toList();
        }

        @Override
        public String toString() {
            return type;
        }
    }

    /**
     * A value as SQL.
     *
     * @param is its carrier, as {@link Carriers} reads it: a text, or a list of texts and nulls
     */
    public record Value(String sql, Object is, int since) {}

    /**
     * A value that halts its table.
     *
     * @param what for the documentation; empty where another entry says it
     */
    public record Refused(String type, String sql, int until, String what, String instead) {}

    public static TypeCases postgresql() {
        try (InputStream in = Objects.requireNonNull(
                TypeCases.class.getResourceAsStream("/types/postgresql.yaml"), "types/postgresql.yaml")) {
            Map<?, ?> file = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromInputStream(in);
            List<Section> sections = new ArrayList<>();
            for (Object each : (List<?>) file.get("types")) {
                Map<?, ?> entry = (Map<?, ?>) each;
                if (entry.containsKey("section")) {
                    sections.add(new Section(text(entry, "section", ""), new ArrayList<>()));
                } else {
                    sections.get(sections.size() - 1).types().add(typeCase(entry));
                }
            }
            List<Refused> refused = new ArrayList<>();
            for (Object each : (List<?>) file.get("refused")) {
                Map<?, ?> entry = (Map<?, ?>) each;
                refused.add(new Refused(
                        text(entry, "type", ""),
                        text(entry, "sql", ""),
                        number(entry, "until", Integer.MAX_VALUE),
                        text(entry, "what", ""),
                        text(entry, "instead", "")));
            }
            return new TypeCases(texts(file, "setup"), sections, refused);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Every type that this version has. */
    public List<TypeCase> of(int version) {
        return sections.stream()
                .flatMap(section -> section.types().stream())
                .filter(each -> each.since() <= version)
                .toList();
    }

    private static TypeCase typeCase(Map<?, ?> entry) {
        List<Value> values = new ArrayList<>();
        for (Object each : (List<?>) entry.get("values")) {
            Map<?, ?> value = (Map<?, ?>) each;
            Object is = value.containsKey("built") ? built((List<?>) value.get("built")) : value.get("is");
            values.add(new Value(text(value, "sql", ""), Objects.requireNonNull(is), number(value, "since", 0)));
        }
        String type = text(entry, "type", "");
        return new TypeCase(
                type,
                entry.containsKey("hidden") ? "" : text(entry, "title", type),
                text(entry, "logical", ""),
                text(entry, "avro", ""),
                text(entry, "says", ""),
                text(entry, "declared", type),
                number(entry, "since", 0),
                texts(entry, "setup"),
                values);
    }

    private static String built(List<?> parts) {
        StringBuilder text = new StringBuilder();
        for (Object each : parts) {
            Map<?, ?> part = (Map<?, ?>) each;
            text.append(text(part, "text", "").repeat(number(part, "times", 1)));
        }
        return text.toString();
    }

    private static String text(Map<?, ?> map, String key, String otherwise) {
        return map.get(key) instanceof String text ? text : otherwise;
    }

    private static int number(Map<?, ?> map, String key, int otherwise) {
        return map.get(key) instanceof Integer number ? number : otherwise;
    }

    private static List<String> texts(Map<?, ?> map, String key) {
        return map.get(key) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }
}
