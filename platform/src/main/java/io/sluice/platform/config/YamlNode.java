package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;
import java.util.List;

/** A node of a YAML document; aliases are resolved, tags and merge keys refused before it comes to this. */
public sealed interface YamlNode {

    Place place();

    /** How many nodes it is made of, itself included. */
    int size();

    /** How many levels it spans, itself included. */
    int height();

    /** What it is, in a message. */
    String says();

    /**
     * A text, number, boolean or nothing: which of them is for the reader of the key to say.
     *
     * @param plain written without quotes
     */
    record Scalar(String text, boolean plain, Place place) implements YamlNode {

        /** Whether nothing stands there, or a word for nothing. */
        public boolean isNothing() {
            return plain
                    && (text.isEmpty()
                            || text.equals("~")
                            || text.equals("null")
                            || text.equals("Null")
                            || text.equals("NULL"));
        }

        Scalar withText(String other) {
            return new Scalar(other, plain, place);
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public int height() {
            return 1;
        }

        @Override
        public String says() {
            return isNothing() ? "nothing" : Quoted.of(text);
        }
    }

    /** A sequence. */
    record Items(List<YamlNode> items, Place place, int size, int height) implements YamlNode {

        @Override
        public String says() {
            return "a list";
        }
    }

    /** A mapping, without duplicate keys. */
    record Entries(List<Entry> entries, Place place, int size, int height) implements YamlNode {

        @Override
        public String says() {
            return "a map of keys";
        }
    }

    /** A key and what stands under it. */
    record Entry(String key, Place keyPlace, YamlNode value) {}
}
