package io.sluice.schemas.pipeline;

import java.util.Objects;

/**
 * A mapping written in Java.
 *
 * @param jar the path of the jar, or of a folder of classes
 * @param className the class in it that implements {@code RowMapper}
 */
public record MapperSpec(String jar, String className, Place place) {

    public MapperSpec {
        Objects.requireNonNull(jar, "jar");
        Objects.requireNonNull(className, "className");
        Objects.requireNonNull(place, "place");
    }
}
