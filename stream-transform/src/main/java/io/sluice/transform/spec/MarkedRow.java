package io.sluice.transform.spec;

import io.sluice.platform.config.YamlNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A final row as it is written, and apart from it whether it is to be marked as deleted.
 *
 * @param deleted empty where nobody asks
 * @param misspelt whether neither true nor false is said of the mark
 */
record MarkedRow(YamlNode row, Optional<Boolean> deleted, boolean misspelt) {

    /**
     * @param mark the column that marks deleted rows; empty where the table has none
     * @param every whether a row that says nothing of it is not to be marked
     */
    static MarkedRow of(YamlNode written, Optional<String> mark, boolean every) {
        if (mark.isEmpty() || !(written instanceof YamlNode.Entries entries)) {
            return new MarkedRow(written, Optional.empty(), false);
        }
        List<YamlNode.Entry> others = new ArrayList<>();
        Optional<Boolean> deleted = every ? Optional.of(false) : Optional.empty();
        boolean misspelt = false;
        for (YamlNode.Entry entry : entries.entries()) {
            if (!entry.key().equals(mark.get())) {
                others.add(entry);
                continue;
            }
            String text = entry.value() instanceof YamlNode.Scalar scalar ? scalar.text() : "";
            misspelt = !text.equals("true") && !text.equals("false");
            deleted = Optional.of(text.equals("true"));
        }
        return new MarkedRow(
                new YamlNode.Entries(others, entries.place(), entries.size(), entries.height()), deleted, misspelt);
    }
}
