package io.sluice.transform.spec;

import io.sluice.platform.config.Problem;
import io.sluice.platform.config.Problems;
import io.sluice.platform.pipeline.ExpressionChecker;
import io.sluice.platform.pipeline.PipelineReader;
import io.sluice.platform.pipeline.PipelineResult;
import io.sluice.schemas.pipeline.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * All specs under a folder: files in a folder {@code specs} that stands beside a {@code pipeline.yaml}.
 *
 * @param specs those that are ready to run
 * @param problems everything that is wrong with the files, sorted by place
 */
public record SpecSuite(List<Spec> specs, List<Problem> problems) {

    private static final String PIPELINE = "pipeline.yaml";
    private static final String SPECS = "specs";

    public SpecSuite {
        specs = List.copyOf(specs);
        problems = List.copyOf(problems);
    }

    /** Reads all specs at or below a folder, or those beside one pipeline file. */
    public static SpecSuite read(Path place) {
        Problems problems = new Problems(place.toString());
        List<Problem> found = new ArrayList<>();
        List<Spec> specs = new ArrayList<>();
        try {
            List<Path> pipelines = pipelines(place);
            for (Path pipeline : pipelines) {
                PipelineResult result = PipelineReader.withStandIns(ExpressionChecker.trusting())
                        .read(pipeline);
                found.addAll(result.problems());
                if (result.pipeline().isPresent()) {
                    SpecFolder folder = new SpecFolder(result.pipeline().get(), problems);
                    yamlFiles(pipeline.resolveSibling(SPECS)).forEach(folder::add);
                    specs.addAll(folder.specs());
                }
            }
            if (pipelines.isEmpty()) {
                problems.add(
                        Place.ofFile(place.toString()),
                        "",
                        "holds no specs",
                        "put them in a folder " + SPECS + " beside a " + PIPELINE);
            }
        } catch (IOException | UncheckedIOException e) {
            problems.add(Place.ofFile(place.toString()), "", "can't be read", "name a folder or a pipeline file");
        }
        found.addAll(problems.sorted());
        return new SpecSuite(specs, found.stream().sorted().toList());
    }

    private static List<Path> pipelines(Path place) throws IOException {
        if (Files.isRegularFile(place)) {
            return Files.isDirectory(place.resolveSibling(SPECS)) ? List.of(place) : List.of();
        }
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(file -> file.endsWith(PIPELINE))
                    .filter(file -> Files.isDirectory(file.resolveSibling(SPECS)))
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> yamlFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file ->
                            file.toString().endsWith(".yaml") || file.toString().endsWith(".yml"))
                    .sorted()
                    .toList();
        }
    }

    /** Runs every spec through the pure mapping. */
    public List<SpecResult> run() {
        return specs.stream().map(SpecRunner::run).toList();
    }
}
