package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A map of known keys as a file fills it. What could not be read is absent here and a problem already. */
public final class Section {

    private final Shape shape;
    private final Place place;
    private final Reading reading;
    private final Map<String, Value> values;
    private final Set<String> asked = new HashSet<>();

    /** What stands under a key; empty if it could not be read. */
    record Value(Optional<Object> read, Place place) {}

    Section(Shape shape, Place place, Reading reading, Map<String, Value> values) {
        this.shape = shape;
        this.place = place;
        this.reading = reading;
        this.values = values;
    }

    /** The value of a key; empty where it is left out or could not be read. */
    @SuppressWarnings("unchecked") // only Key<T>'s own type ever put a value there
    public <T> Optional<T> get(Key<T> key) {
        if (!shape.keys().contains(key)) {
            throw new IllegalArgumentException(shape.name() + " has no key " + key);
        }
        asked.add(key.name());
        Value value = values.get(key.name());
        return value == null ? Optional.empty() : (Optional<T>) value.read();
    }

    /** Whether the file sets the key, rightly or not. */
    public boolean sets(Key<?> key) {
        asked.add(key.name());
        return values.containsKey(key.name());
    }

    /** The keys that somebody looked at: what is described but never looked at would be ignored silently. */
    public Set<String> asked() {
        return Set.copyOf(asked);
    }

    public Shape shape() {
        return shape;
    }

    public Place place() {
        return place;
    }

    /** Where a key's value stands; the section itself where the key is left out. */
    public Place place(Key<?> key) {
        Value value = values.get(key.name());
        return value == null ? place : value.place();
    }

    public String path() {
        return reading.path();
    }

    /** Reports something wrong with the section as a whole. */
    public void problem(String message, String suggestion) {
        reading.problem(place, message, suggestion);
    }

    /** Reports something wrong with the name that the section goes by. */
    public void problemAt(Place name, String message, String suggestion) {
        reading.problem(name, message, suggestion);
    }

    /** Reports something wrong with the name that the section goes by. */
    public void problemAt(Place name, Unreadable what) {
        reading.problem(name, what.what(), what.suggestion());
    }

    /** Reports something wrong with what stands under a key. */
    public void problem(Key<?> key, String message, String suggestion) {
        problem(key, place(key), message, suggestion);
    }

    /** Reports something wrong with a part of what stands under a key. */
    public void problem(Key<?> key, Place at, String message, String suggestion) {
        reading.under(key.name(), key.name()).problem(at, message, suggestion);
    }
}
