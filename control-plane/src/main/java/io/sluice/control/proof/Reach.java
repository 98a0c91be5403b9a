package io.sluice.control.proof;

import java.util.Map;
import java.util.Set;

/**
 * How far everything is, at one look: each hop measured at an end that was read after the hop before it.
 *
 * @param published sources that had published everything which was committed when the look began
 * @param services by name
 */
public record Reach(Set<String> published, Map<String, Service> services) {

    public Reach {
        published = Set.copyOf(published);
        services = Map.copyOf(services);
    }

    /**
     * What waits on the way to one service's target.
     *
     * @param changes not mapped yet, by change topic; topics in which nothing waits are left out
     * @param rows not written yet, by row topic
     * @param unknown why the target's side is not known; empty: it is
     */
    public record Service(Map<String, Waiting> changes, Map<String, Waiting> rows, String unknown) {

        public static final Service UNKNOWN = new Service(Map.of(), Map.of(), "it was not looked at");

        public Service {
            changes = Map.copyOf(changes);
            rows = Map.copyOf(rows);
        }
    }
}
