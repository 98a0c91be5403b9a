package io.sluice.transform.spec;

import io.sluice.platform.config.ConfigFile;
import io.sluice.platform.config.DidYouMean;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.Problems;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Variables;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.transform.mapping.Mapping;
import io.sluice.transform.mapping.ServiceMapping;
import io.sluice.transform.mapping.SourceTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The spec files beside one pipeline file. */
final class SpecFolder {

    private final Pipeline pipeline;
    private final Problems problems;
    private final TableDeclarations tables;
    private final List<Section> files = new ArrayList<>();
    private final Map<String, Optional<BoundService>> services = new HashMap<>();

    SpecFolder(Pipeline pipeline, Problems problems) {
        this.pipeline = pipeline;
        this.problems = problems;
        this.tables = new TableDeclarations(pipeline);
    }

    void add(Path file) {
        Path folder = Optional.ofNullable(file.getParent()).orElse(Path.of(""));
        ConfigFile.read(file, SpecShapes.FILE, Variables.standIns(folder), problems)
                .root()
                .ifPresent(root -> {
                    files.add(root);
                    tables.add(root);
                });
    }

    /** The specs of all files added; those with problems are left out. */
    List<Spec> specs() {
        List<Spec> specs = new ArrayList<>();
        for (Section file : files) {
            SpecDefaults defaults = new SpecDefaults(
                    file.get(SpecShapes.FILE_SERVICE),
                    file.get(SpecShapes.FILE_TABLE),
                    file.get(SpecShapes.FILE_COLUMNS).orElse(SpecShapes.Compared.EVERY));
            for (Located<Section> written : file.get(SpecShapes.SPECS).orElse(List.of())) {
                spec(file, defaults, written.value()).ifPresent(specs::add);
            }
        }
        return specs;
    }

    private Optional<Spec> spec(Section file, SpecDefaults defaults, Section written) {
        Optional<String> name = written.get(SpecShapes.NAME);
        Optional<BoundService> service = service(file, defaults, written);
        return service.flatMap(bound -> new SpecBinder(bound, defaults, written, problems)
                .bind(name.orElse(""))
                .filter(spec -> name.isPresent()));
    }

    private Optional<BoundService> service(Section file, SpecDefaults defaults, Section written) {
        Optional<String> name = written.get(SpecShapes.SPEC_SERVICE).or(defaults::service);
        List<String> names = pipeline.services().stream().map(ServiceSpec::name).toList();
        if (name.isEmpty() && names.size() == 1) {
            name = Optional.of(names.get(0));
        }
        if (name.isEmpty()) {
            written.problem(
                    "names no service", "say service: for the spec or for the file: " + String.join(", ", names));
            return Optional.empty();
        }
        if (!names.contains(name.get())) {
            String what = "there is no service \"" + name.get() + "\"";
            if (written.sets(SpecShapes.SPEC_SERVICE)) {
                written.problem(SpecShapes.SPEC_SERVICE, what, DidYouMean.suggest(name.get(), names));
            } else {
                file.problem(SpecShapes.FILE_SERVICE, what, DidYouMean.suggest(name.get(), names));
            }
            return Optional.empty();
        }
        return services.computeIfAbsent(name.get(), this::bound);
    }

    private Optional<BoundService> bound(String name) {
        ServiceSpec service = pipeline.services().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        List<TableId> reads = service.reads();
        List<SourceTable> sources = tables.all().stream()
                .filter(table -> reads.contains(table.id()))
                .toList();
        ServiceMapping mapping = Mapping.compile(service, sources);
        mapping.problems()
                .forEach(problem -> problems.add(problem.place(), problem.path(), problem.message(), problem.remedy()));
        return mapping.problems().isEmpty()
                ? Optional.of(new BoundService(pipeline.name(), service, sources, mapping))
                : Optional.empty();
    }
}
