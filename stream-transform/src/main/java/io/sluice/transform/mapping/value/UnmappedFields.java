package io.sluice.transform.mapping.value;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** Finds the fields of a document that a mapping does not take, without making a tree of it. Safe for several threads. */
public final class UnmappedFields {

    private final JsonFactory factory = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();
    private final Remainder.Taken taken;

    /** @param taken ways to the fields that are mapped, or knowingly left out */
    public UnmappedFields(Collection<List<String>> taken) {
        this.taken = Remainder.tree(taken);
    }

    /** Tells each, with the way to it. Says nothing of a text that can't be read: the mapping rejects it. */
    public void find(String document, Consumer<String> found) {
        try (JsonParser parser = factory.createParser(document)) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                object(parser, taken, "", found);
            }
        } catch (IOException e) {
            // Then it is a dead letter, and not for what it holds besides.
            return;
        }
    }

    private static void object(JsonParser parser, Remainder.Taken known, String prefix, Consumer<String> found)
            throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            Remainder.Taken inside = known.inside(name);
            JsonToken value = parser.nextToken();
            if (inside != null && !inside.isWholly() && value == JsonToken.START_OBJECT) {
                object(parser, inside, prefix + name + ".", found);
                continue;
            }
            // Extended JSON wraps values in objects whose names begin so.
            if (inside == null && (prefix.isEmpty() || !name.startsWith("$"))) {
                found.accept(prefix + name);
            }
            parser.skipChildren();
        }
    }
}
