package io.sluice.schemas.pipeline;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The way to a field of a source row: a column, or further into a document. Written with dots; a segment that itself holds a
 * dot stands in double quotes.
 */
public record FieldPath(List<String> segments) {

    public FieldPath {
        segments = List.copyOf(segments);
    }

    public static FieldPath of(String... segments) {
        return new FieldPath(List.of(segments));
    }

    /** The column or top-level field that the way begins with. */
    public String root() {
        return segments.get(0);
    }

    /** Whether this is a whole column rather than a part of one. */
    public boolean isRoot() {
        return segments.size() == 1;
    }

    @Override
    public String toString() {
        return segments.stream()
                .map(segment -> segment.contains(".") || segment.contains("\"")
                        ? "\"" + segment.replace("\"", "\"\"") + "\""
                        : segment)
                .collect(Collectors.joining("."));
    }
}
