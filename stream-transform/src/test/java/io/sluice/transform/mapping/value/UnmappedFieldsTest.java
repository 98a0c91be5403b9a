package io.sluice.transform.mapping.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnmappedFieldsTest {

    private static List<String> found(String document, List<List<String>> taken) {
        List<String> found = new ArrayList<>();
        new UnmappedFields(taken).find(document, found::add);
        return found;
    }

    @Test
    void tellsWhatNobodyTakesAtEachLevelThatSomethingIsTakenFrom() {
        String document =
                """
                {"_id": {"$oid": "5f0000000000000000000001"}, "name": "x", "new": {"a": 1, "b": [1, {"c": 2}]},
                 "address": {"city": "y", "zip": "1", "geo": {"lat": 1}}, "tags": ["a"], "more": null}
                """;
        assertThat(found(
                        document,
                        List.of(List.of("_id"), List.of("name"), List.of("address", "city"), List.of("tags"))))
                .containsExactly("new", "address.zip", "address.geo", "more");
    }

    @Test
    void aWrappedValueIsNoFurtherLevel() {
        assertThat(found("{\"a\": {\"$numberLong\": \"7\"}}", List.of(List.of("a", "b"))))
                .isEmpty();
        assertThat(found("{\"a\": [{\"x\": 1}]}", List.of(List.of("a", "b")))).isEmpty();
    }

    @Test
    void aTextThatIsNoDocumentHasNone() {
        assertThat(found("{\"a\": ", List.of(List.of("a")))).isEmpty();
        assertThat(found("[1]", List.of())).isEmpty();
        assertThat(found("", List.of())).isEmpty();
    }
}
