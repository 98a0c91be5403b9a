package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Describes an update as a change stream does, from the document before and after: dotted paths into nested documents and
 * arrays, a value that became null kept apart from a field that is gone, and arrays that were cut.
 */
final class UpdateDiff {

    private final Document updatedFields = new Document();
    private final List<String> removedFields = new ArrayList<>();
    private final List<Document> truncatedArrays = new ArrayList<>();

    private UpdateDiff() {}

    static Document describe(Document before, Document after) {
        UpdateDiff diff = new UpdateDiff();
        diff.documents("", before, after);
        return new Document("updatedFields", diff.updatedFields)
                .append("removedFields", diff.removedFields)
                .append("truncatedArrays", diff.truncatedArrays);
    }

    private void documents(String prefix, Document before, Document after) {
        for (String field : before.keySet()) {
            if (!after.containsKey(field)) {
                removedFields.add(prefix + field);
            }
        }
        for (var entry : after.entrySet()) {
            String path = prefix + entry.getKey();
            if (before.containsKey(entry.getKey())) {
                values(path, before.get(entry.getKey()), entry.getValue());
            } else {
                updatedFields.put(path, entry.getValue());
            }
        }
    }

    private void values(String path, @Nullable Object before, @Nullable Object after) {
        if (Objects.equals(before, after)) {
            return;
        }
        if (before instanceof Document from && after instanceof Document to && sharesField(from, to)) {
            documents(path + ".", from, to);
        } else if (before instanceof List<?> from && after instanceof List<?> to && !from.isEmpty() && !to.isEmpty()) {
            arrays(path, from, to);
        } else {
            updatedFields.put(path, after);
        }
    }

    private void arrays(String path, List<?> before, List<?> after) {
        if (after.size() < before.size()) {
            truncatedArrays.add(new Document("field", path).append("newSize", after.size()));
        }
        for (int index = 0; index < after.size(); index++) {
            if (index < before.size()) {
                values(path + "." + index, before.get(index), after.get(index));
            } else {
                updatedFields.put(path + "." + index, after.get(index));
            }
        }
    }

    /** Without a common field the whole value is shorter than its difference, and mongod then sends the whole value. */
    private static boolean sharesField(Document before, Document after) {
        return before.keySet().stream().anyMatch(after::containsKey);
    }
}
