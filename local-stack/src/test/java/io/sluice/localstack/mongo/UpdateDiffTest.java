package io.sluice.localstack.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import de.bwaldvogel.mongo.bson.Document;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpdateDiffTest {

    private static Document diff(Document before, Document after) {
        return UpdateDiff.describe(before, after);
    }

    private static Document of(String key, Object value) {
        return new Document(key, value);
    }

    @Test
    void tellsAValueThatBecameNullFromAFieldThatIsGone() {
        Document before = of("a", 1).append("b", 2).append("c", 3);
        Document after = of("a", null).append("c", 3);

        Document diff = diff(before, after);

        assertThat((Document) diff.get("updatedFields")).hasSize(1).containsKey("a");
        assertThat(((Document) diff.get("updatedFields")).get("a")).isNull();
        assertThat(diff.get("removedFields")).isEqualTo(List.of("b"));
    }

    @Test
    void tellsAFieldThatCameAsNullFromOneThatStayedAway() {
        assertThat((Document) diff(of("a", 1), of("a", 1).append("b", null)).get("updatedFields"))
                .hasSize(1)
                .containsKey("b");
        assertThat((Document) diff(of("a", 1), of("a", 1)).get("updatedFields")).isEmpty();
    }

    @Test
    void followsPathsIntoNestedDocuments() {
        Document diff = diff(
                of("p", of("x", 1).append("y", of("z", 1).append("k", 0)).append("gone", 1)),
                of("p", of("x", 1).append("y", of("z", 2).append("k", 0))));

        assertThat(diff.get("updatedFields")).isEqualTo(of("p.y.z", 2));
        assertThat(diff.get("removedFields")).isEqualTo(List.of("p.gone"));
    }

    @Test
    void sendsAWholeDocumentThatSharesNothingWithTheOneBefore() {
        assertThat(diff(of("p", of("x", 1)), of("p", of("y", 2))).get("updatedFields"))
                .isEqualTo(of("p", of("y", 2)));
    }

    @Test
    void describesArraysByIndexAndSaysWhenTheyWereCut() {
        Document cut = diff(of("a", List.of(1, 2, 3)), of("a", List.of(1, 5)));
        assertThat(cut.get("updatedFields")).isEqualTo(of("a.1", 5));
        assertThat(cut.get("truncatedArrays"))
                .isEqualTo(List.of(of("field", "a").append("newSize", 2)));

        Document grown = diff(of("a", List.of(of("n", 1))), of("a", List.of(of("n", 1), of("n", 2))));
        assertThat(grown.get("updatedFields")).isEqualTo(of("a.1", of("n", 2)));
        assertThat((List<?>) grown.get("truncatedArrays")).isEmpty();
    }

    @Test
    void sendsAnArrayThatBecameEmptyWhole() {
        assertThat(diff(of("a", List.of(1)), of("a", List.of())).get("updatedFields"))
                .isEqualTo(of("a", List.of()));
    }

    @Test
    void seesAChangeOfTypeAlone() {
        assertThat(diff(of("a", 1), of("a", 1L)).get("updatedFields")).isEqualTo(of("a", 1L));
    }
}
