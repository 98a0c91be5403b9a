package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.schemas.pipeline.MapperSpec;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The {@code mapper:} of a table. */
final class MapperPart {

    private static final Pattern CLASS = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*(\\.[A-Za-z_$][A-Za-z0-9_$]*)*");

    static final Key<String> JAR = Key.required(
            "jar", Types.path(), "The jar, or the folder of classes, that holds it; relative to this file.");
    static final Key<String> CLASS_NAME = Key.required(
            "class",
            Types.text("a class name", CLASS, "write one like com.example.OrderMapper"),
            "The class in it that implements `RowMapper`.");
    static final Shape SHAPE =
            new Shape("mapper", "A mapping written in Java, for what the file can't say.", List.of(JAR, CLASS_NAME));

    private MapperPart() {}

    static Optional<MapperSpec> read(Section section) {
        Optional<String> className = section.get(CLASS_NAME);
        return section.get(JAR).flatMap(jar -> className.map(name -> new MapperSpec(jar, name, section.place())));
    }
}
