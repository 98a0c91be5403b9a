package io.sluice.transform.spec.junit;

import io.sluice.platform.config.Problem;
import io.sluice.schemas.pipeline.Place;
import io.sluice.transform.spec.ChangeApplier;
import io.sluice.transform.spec.Spec;
import io.sluice.transform.spec.SpecReport;
import io.sluice.transform.spec.SpecResult;
import io.sluice.transform.spec.SpecRunner;
import io.sluice.transform.spec.SpecSuite;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/**
 * Each spec as a test of its own:
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicNode> specs() {
 *     return SpecTests.in(Path.of("migrations"));
 * }
 * }</pre>
 */
public final class SpecTests {

    private SpecTests() {}

    /** The specs at or below a folder, or beside one pipeline file, through the pure mapping. Files that are wrong fail. */
    public static Stream<DynamicNode> in(Path place) {
        return in(place, spec -> ChangeApplier.pure(spec.mapping()));
    }

    /** The same through whatever applies changes; each spec gets one of its own. */
    public static Stream<DynamicNode> in(Path place, Function<Spec, ChangeApplier> applier) {
        SpecSuite suite = SpecSuite.read(place);
        Map<String, List<Spec>> files = suite.specs().stream()
                .collect(Collectors.groupingBy(spec -> spec.place().file(), LinkedHashMap::new, Collectors.toList()));
        Stream<DynamicNode> problems = suite.problems().stream().map(SpecTests::problem);
        Stream<DynamicNode> specs = files.entrySet().stream()
                .map(file -> DynamicContainer.dynamicContainer(
                        file.getKey(), file.getValue().stream().map(spec -> test(spec, applier))));
        return Stream.concat(problems, specs);
    }

    private static DynamicNode problem(Problem problem) {
        return DynamicTest.dynamicTest(
                problem.place().toString(), source(problem.place()), () -> Assertions.fail(problem.toString()));
    }

    private static DynamicNode test(Spec spec, Function<Spec, ChangeApplier> applier) {
        return DynamicTest.dynamicTest(spec.name(), source(spec.place()), () -> {
            SpecResult result = SpecRunner.run(spec, applier.apply(spec));
            if (!result.passed()) {
                Assertions.fail(new SpecReport(false).failures(result));
            }
        });
    }

    /** Where an editor opens the spec. */
    private static URI source(Place place) {
        URI file = Path.of(place.file()).toUri();
        return place.line() == 0 ? file : URI.create(file + "?line=" + place.line() + "&column=" + place.column());
    }
}
