package io.sluice.schemas.pipeline;

import java.util.Comparator;
import java.util.Objects;

/** Where something was written; lines and columns count from 1, and 0 means the file as a whole. */
public record Place(String file, int line, int column) implements Comparable<Place> {

    /** For what was never written in a file: made by code or by a test. */
    public static final Place NOWHERE = new Place("(no file)", 0, 0);

    private static final Comparator<Place> ORDER =
            Comparator.comparing(Place::file).thenComparingInt(Place::line).thenComparingInt(Place::column);

    public Place {
        Objects.requireNonNull(file, "file");
        if (line < 0 || column < 0) {
            throw new IllegalArgumentException("a place does not lie before its file");
        }
    }

    public static Place ofFile(String file) {
        return new Place(file, 0, 0);
    }

    @Override
    public int compareTo(Place other) {
        return ORDER.compare(this, other);
    }

    /** {@code file:line:column}, or the file alone. */
    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line + ":" + column;
    }
}
