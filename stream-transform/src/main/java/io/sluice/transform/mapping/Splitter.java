package io.sluice.transform.mapping;

import java.util.List;

/** Takes source rows apart, level by level, the outermost first. */
final class Splitter {

    private final List<SplitLevel> levels;

    Splitter(List<SplitLevel> levels) {
        this.levels = List.copyOf(levels);
    }

    /**
     * What the row comes to: rows with its columns, and behind these what each level knows.
     *
     * @throws io.sluice.transform.mapping.value.UnfitValueException if it can't be taken apart as the file says
     */
    List<SourceRow> split(SourceRow row) {
        List<SourceRow> rows = List.of(row);
        for (SplitLevel level : levels) {
            rows = level.split(rows);
        }
        return rows;
    }
}
