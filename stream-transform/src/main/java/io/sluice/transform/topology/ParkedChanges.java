package io.sluice.transform.topology;

import io.sluice.schemas.model.Bytes;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads from the changelog of a transform's memory which keys wait there: for whoever looks from outside. */
public final class ParkedChanges {

    private ParkedChanges() {}

    /** How many keys wait, by the change topic that they were parked in. */
    public static Map<String, Long> keys(Collection<Bytes> names) {
        Map<String, Set<Bytes>> keys = new HashMap<>();
        for (Bytes name : names) {
            byte[] bytes = name.unsafeArray();
            Optional<String> topic = LetterState.parkedIn(bytes);
            if (topic.isPresent()) {
                // All but the offset behind it.
                byte[] key = new byte[bytes.length - Long.BYTES];
                ByteBuffer.wrap(bytes).get(key);
                keys.computeIfAbsent(topic.get(), first -> new HashSet<>()).add(Bytes.wrap(key));
            }
        }
        Map<String, Long> counts = new HashMap<>();
        keys.forEach((topic, of) -> counts.put(topic, (long) of.size()));
        return counts;
    }
}
