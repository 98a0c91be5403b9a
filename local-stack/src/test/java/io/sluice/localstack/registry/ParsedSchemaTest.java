package io.sluice.localstack.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ParsedSchemaTest {

    private static final String PLAIN =
            "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"a.b\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"}]}";

    private static String text(String schema) {
        return ParsedSchema.parse(schema, false).text();
    }

    private static String normalized(String schema) {
        return ParsedSchema.parse(schema, true).text();
    }

    @Test
    void whiteSpaceAttributeOrderAndTheSpellingOfNamesDoNotCount() {
        assertThat(text("{ \"fields\": [ {\"type\": {\"type\": \"int\"}, \"name\": \"x\"} ],\n"
                        + " \"name\": \"a.b.R\", \"type\": \"record\" }"))
                .isEqualTo(text(PLAIN));
    }

    @Test
    void customPropertiesDocumentationAndDefaultsCount() {
        assertThat(text(PLAIN.replace("\"name\":\"x\"", "\"name\":\"x\",\"sluice.type\":\"int2\"")))
                .contains("\"sluice.type\":\"int2\"")
                .isNotEqualTo(text(PLAIN));
        assertThat(text(PLAIN.replace("\"name\":\"x\"", "\"name\":\"x\",\"doc\":\"d\"")))
                .isNotEqualTo(text(PLAIN));
        assertThat(text(PLAIN.replace("\"type\":\"int\"", "\"type\":\"int\",\"default\":7")))
                .isNotEqualTo(text(PLAIN));
    }

    @Test
    void normalizingLeavesTheOrderOfCustomPropertiesOutOfAccountAndKeepsThem() {
        String one =
                PLAIN.replace("\"name\":\"x\"", "\"name\":\"x\",\"p\":{\"k\":1,\"j\":[{\"b\":1,\"a\":2}]},\"o\":2");
        String other =
                PLAIN.replace("\"name\":\"x\"", "\"name\":\"x\",\"o\":2,\"p\":{\"j\":[{\"a\":2,\"b\":1}],\"k\":1}");

        assertThat(text(one)).isNotEqualTo(text(other));
        assertThat(normalized(one)).isEqualTo(normalized(other)).contains("\"o\":2", "\"p\":{");
        assertThat(text(normalized(one))).as("still the same schema").isEqualTo(text(other));
    }

    @Test
    void itsTextReadsBackAsItself() {
        String nested =
                "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"x\",\"type\":[\"null\",{\"type\":\"bytes\","
                        + "\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}],\"default\":null,\"aliases\":[\"y\"]},"
                        + "{\"name\":\"r\",\"type\":[\"null\",\"R\"]}]}";

        assertThat(text(text(nested))).isEqualTo(text(nested));
        assertThat(normalized(normalized(nested))).isEqualTo(normalized(nested));
    }

    @Test
    void whatIsNoSchemaIsRefusedWithTheReason() {
        for (String bad : new String[] {
            "",
            "nonsense",
            "{\"type\":\"recor\"}",
            "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"x\",\"type\":\"int\",\"default\":\"seven\"}]}",
            "[".repeat(5000)
        }) {
            assertThatThrownBy(() -> ParsedSchema.parse(bad, false)).isInstanceOfSatisfying(RestException.class, e -> {
                assertThat(e.errorCode()).isEqualTo(42201);
                assertThat(e.getMessage()).startsWith("Invalid schema").hasSizeLessThan(20_000);
            });
        }
    }
}
