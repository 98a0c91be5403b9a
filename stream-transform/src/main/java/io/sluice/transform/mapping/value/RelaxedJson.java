package io.sluice.transform.mapping.value;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Documents as JSON that a person would write, for a jsonb column. From extended JSON that is its relaxed form: numbers are
 * numbers and dates are ISO texts, and what JSON has no word for keeps its wrapping. Equal documents give equal texts.
 */
final class RelaxedJson {

    private static final int LAST_YEAR_WRITTEN_OUT = 9999;

    private final JsonFactory factory = JsonFactory.builder()
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build();
    private final Dialect dialect;

    RelaxedJson(Dialect dialect) {
        this.dialect = dialect;
    }

    /** @throws UnfitValueException if PostgreSQL can't hold it */
    String of(JsonNode node) {
        return without(node, null);
    }

    /** As {@link #of}; these fields are left out. */
    String without(JsonNode node, Remainder.@Nullable Taken taken) {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = factory.createGenerator(out)) {
            write(node, taken, generator);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory fails for no reason that we know", e);
        }
        return out.toString();
    }

    private void object(JsonNode node, Remainder.@Nullable Taken without, JsonGenerator out) throws IOException {
        out.writeStartObject();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            Remainder.Taken inside = without == null ? null : without.inside(field.getKey());
            if (inside == null || !inside.isWholly()) {
                out.writeFieldName(Texts.storable(field.getKey()));
                write(field.getValue(), inside, out);
            }
        }
        out.writeEndObject();
    }

    private void write(JsonNode node, Remainder.@Nullable Taken without, JsonGenerator out) throws IOException {
        Kind kind = dialect.kindOf(node);
        switch (kind) {
            case NULL -> out.writeNull();
            case BOOLEAN -> out.writeBoolean(node.booleanValue());
            case TEXT -> out.writeString(Texts.storable((String) dialect.carrier(kind, node)));
            case INT32, INT64 -> out.writeNumber(((Number) dialect.carrier(kind, node)).longValue());
            case DOUBLE -> number((Double) dialect.carrier(kind, node), node, out);
            case DECIMAL -> {
                if (node.isObject()) {
                    object(node, null, out);
                } else {
                    out.writeNumber(Numbers.storable((BigDecimal) dialect.carrier(kind, node)));
                }
            }
            case MOMENT -> moment(node, out);
            case ARRAY -> {
                out.writeStartArray();
                for (JsonNode element : node) {
                    write(element, null, out);
                }
                out.writeEndArray();
            }
            // Inside of what stands for one value nothing is relaxed.
            case OBJECT_ID, UUID, BINARY, OTHER -> plain(node, out);
            case DOCUMENT -> object(node, without, out);
        }
    }

    private static void number(double value, JsonNode node, JsonGenerator out) throws IOException {
        if (Double.isFinite(value)) {
            // With the digits that the source wrote: no version of Java is to decide about them.
            out.writeNumber(node.iterator().next().textValue());
        } else {
            plain(node, out);
        }
    }

    private static void moment(JsonNode node, JsonGenerator out) throws IOException {
        JsonNode millis = node.iterator().next().path("$numberLong");
        Instant instant = Instant.ofEpochMilli(Long.parseLong(millis.asText()));
        int year = instant.atOffset(ZoneOffset.UTC).get(ChronoField.YEAR);
        if (instant.getEpochSecond() < 0 || year > LAST_YEAR_WRITTEN_OUT) {
            plain(node, out);
            return;
        }
        out.writeStartObject();
        out.writeStringField("$date", instant.toString());
        out.writeEndObject();
    }

    private static void plain(JsonNode node, JsonGenerator out) throws IOException {
        if (node.isObject()) {
            out.writeStartObject();
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                out.writeFieldName(Texts.storable(field.getKey()));
                plain(field.getValue(), out);
            }
            out.writeEndObject();
        } else if (node.isArray()) {
            out.writeStartArray();
            for (JsonNode element : node) {
                plain(element, out);
            }
            out.writeEndArray();
        } else if (node.isTextual()) {
            out.writeString(Texts.storable(node.textValue()));
        } else {
            out.writeRawValue(node.toString());
        }
    }
}
