package io.sluice.transform.spec;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.platform.config.Problem;
import io.sluice.schemas.pipeline.Place;
import io.sluice.transform.spec.SpecResult.ColumnDiff;
import io.sluice.transform.spec.SpecResult.Failure;
import java.util.List;

/** What came out, for programs. */
public final class SpecJson {

    private final JsonMapper json = new JsonMapper();

    public String render(List<Problem> problems, List<SpecResult> results) {
        ObjectNode root = json.createObjectNode();
        long passed = results.stream().filter(SpecResult::passed).count();
        root.put("passed", passed);
        root.put("failed", results.size() - passed);
        ArrayNode wrong = root.putArray("problems");
        for (Problem problem : problems) {
            ObjectNode node = place(wrong.addObject(), problem.place());
            node.put("path", problem.path());
            node.put("message", problem.message());
            node.put("suggestion", problem.suggestion());
        }
        ArrayNode specs = root.putArray("specs");
        results.forEach(result -> result(specs.addObject(), result));
        return root.toPrettyString() + "\n";
    }

    private static void result(ObjectNode node, SpecResult result) {
        Spec spec = result.spec();
        node.put("name", spec.name());
        place(node, spec.place());
        node.put("pipeline", spec.pipeline());
        node.put("service", spec.service().name());
        node.put("passed", result.passed());
        ArrayNode failures = node.putArray("failures");
        for (Failure failure : result.failures()) {
            ObjectNode each = place(failures.addObject(), failure.place());
            each.put("what", failure.what());
            ArrayNode columns = each.putArray("columns");
            for (ColumnDiff diff : failure.columns()) {
                columns.addObject()
                        .put("column", diff.column())
                        .put("expected", diff.expected())
                        .put("actual", diff.actual())
                        .put("same", diff.same());
            }
        }
    }

    private static ObjectNode place(ObjectNode node, Place place) {
        return node.put("file", place.file()).put("line", place.line()).put("column", place.column());
    }
}
