package io.sluice.transform.mapping.value;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Texts of documents as trees, every digit of every number kept. */
public final class Documents {

    /** MongoDB allows 100 levels; each value may be an object of its own in extended JSON. */
    private static final int MOST_LEVELS = 500;
    /** As many digits as PostgreSQL's numeric has before and behind the point. */
    private static final int MOST_DIGITS = 131_072 + 16_383 + 10;

    private final JsonMapper mapper = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MOST_LEVELS)
                            .maxNumberLength(MOST_DIGITS)
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNameLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** @throws UnfitValueException if it is no JSON, or too deep */
    public JsonNode parse(String text) {
        try {
            JsonNode parsed = mapper.readTree(text);
            if (parsed.isMissingNode()) {
                throw new UnfitValueException("an empty text is no JSON");
            }
            return parsed;
        } catch (JsonProcessingException e) {
            // Its message may show the text.
            throw new UnfitValueException("it is no JSON, or nested deeper than " + MOST_LEVELS + " levels");
        }
    }
}
