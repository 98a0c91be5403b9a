package io.sluice.transform.topology;

import io.sluice.transform.spec.Spec;
import io.sluice.transform.spec.junit.SpecTests;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What mappings do, as specs: through the function alone, and through the topology that runs it. */
class BehavioursTest {

    private static final Path BEHAVIOURS = Path.of("src/test/resources/behaviours");

    @TempDir
    private Path folder;

    private final List<TopologyApplier> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(TopologyApplier::close);
    }

    @TestFactory
    Stream<DynamicNode> throughTheMappingAlone() {
        return SpecTests.in(BEHAVIOURS);
    }

    @TestFactory
    Stream<DynamicNode> throughTheTopology() {
        return SpecTests.in(BEHAVIOURS, this::topology);
    }

    private TopologyApplier topology(Spec spec) {
        TopologyApplier applier = new TopologyApplier(spec, folder.resolve(String.valueOf(open.size())));
        open.add(applier);
        return applier;
    }
}
