package io.sluice.sink.consume;

import java.util.Set;

/**
 * What a sink is to leave alone for now.
 *
 * @param all everything
 * @param topics the row topics of tables that it does not write
 */
public record Rest(boolean all, Set<String> topics) {

    public static final Rest NONE = new Rest(false, Set.of());

    public Rest {
        topics = Set.copyOf(topics);
    }
}
