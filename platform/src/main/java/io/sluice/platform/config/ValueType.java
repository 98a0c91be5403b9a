package io.sluice.platform.config;

import java.util.Map;
import java.util.Optional;

/** What may stand under a key: how to read it, how to say it to an editor and to a person. */
public sealed interface ValueType<T> permits ScalarType, ListType, MapType, AnyType, Shape {

    /** The value; or nothing, and a problem in its place. */
    Optional<T> read(YamlNode node, Reading reading);

    /** Its JSON Schema; shapes go into {@code definitions} and are referred to. */
    Map<String, Object> jsonSchema(Map<String, Object> definitions);

    /** In the reference: {@code duration}, {@code list of column}. */
    String says();
}
