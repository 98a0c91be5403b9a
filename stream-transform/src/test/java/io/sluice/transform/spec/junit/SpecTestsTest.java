package io.sluice.transform.spec.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.transform.spec.SpecFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

class SpecTestsTest {

    @TempDir
    private Path folder;

    /** As a user writes it. */
    @TestFactory
    Stream<DynamicNode> specs() {
        return SpecTests.in(Path.of("../examples/monolith-split"));
    }

    private List<DynamicTest> tests(String specs) {
        return SpecTests.in(SpecFiles.write(folder, specs))
                .flatMap(node -> node instanceof DynamicContainer container ? container.getChildren() : Stream.of(node))
                .map(DynamicTest.class::cast)
                .toList();
    }

    @Test
    void aSpecIsATestThatFailsWithTheDifferenceAndIsFoundByAnEditor() {
        DynamicTest test = tests(
                        """
                        specs:
                          - name: differs
                            columns: named
                            steps:
                              - insert: {id: 1, total: 10}
                                expect: {invoices: {upsert: {total: 11}}}
                        """)
                .get(0);

        assertThat(test.getDisplayName()).isEqualTo("differs");
        assertThat(test.getTestSourceUri().orElseThrow().toString()).endsWith("specs/invoices.yaml?line=7&column=5");
        assertThatThrownBy(() -> test.getExecutable().execute())
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageContaining("! total   11        10");
    }

    @Test
    void aFileThatIsWrongFails() {
        List<DynamicTest> tests = tests("spces: []\n");

        assertThat(tests).hasSize(1);
        assertThatThrownBy(() -> tests.get(0).getExecutable().execute())
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageContaining("did you mean \"specs\"?");
    }
}
