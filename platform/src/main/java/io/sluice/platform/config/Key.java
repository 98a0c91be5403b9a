package io.sluice.platform.config;

/**
 * A key of the file, described once.
 *
 * @param description one or two sentences for the reference and for editors
 * @param fallback what holds where the key is left out, in words
 */
public record Key<T>(String name, ValueType<T> type, boolean required, String fallback, String description) {

    public static <T> Key<T> required(String name, ValueType<T> type, String description) {
        return new Key<>(name, type, true, "", description);
    }

    public static <T> Key<T> optional(String name, ValueType<T> type, String fallback, String description) {
        return new Key<>(name, type, false, fallback, description);
    }

    @Override
    public String toString() {
        return name;
    }
}
