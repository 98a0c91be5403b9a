package io.sluice.transform.mapping.expression;

import io.sluice.schemas.model.LogicalType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The names that an expression may use. */
public interface Scope {

    /** What a name stands for; null if it stands for nothing. What is a document may be anything. */
    @Nullable
    LogicalType typeOf(String name);

    /** Names to suggest; empty where any may be meant. */
    List<String> names();

    /** The values of one row's names. */
    interface Row {

        /** In the carrier of its type, or the tree of a document, or null. */
        @Nullable
        Object value(String name);
    }
}
