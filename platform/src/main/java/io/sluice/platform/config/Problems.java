package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Collects what is wrong with a file. Bounded: a file of garbage shall not fill the heap, nor anybody's screen. */
public final class Problems {

    static final int MOST = 200;

    private final Place file;
    private final TreeSet<Problem> found = new TreeSet<>();
    private int beyond;

    public Problems(String file) {
        this.file = Place.ofFile(file);
    }

    public void add(Place place, String path, String message, String suggestion) {
        add(new Problem(place, path, message, suggestion));
    }

    void add(Problem problem) {
        if (found.size() < MOST || found.contains(problem)) {
            found.add(problem);
        } else {
            beyond++;
        }
    }

    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** Sorted by place, each once. */
    public List<Problem> sorted() {
        List<Problem> all = new ArrayList<>(found);
        if (beyond > 0) {
            all.add(new Problem(file, "", beyond + " more problems are not listed", "mend these first"));
        }
        return List.copyOf(all);
    }
}
