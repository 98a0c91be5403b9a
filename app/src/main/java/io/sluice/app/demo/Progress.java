package io.sluice.app.demo;

import java.util.List;

/**
 * How far the demo is, at one moment.
 *
 * @param atMillis by a clock that only goes forward
 */
record Progress(long atMillis, List<Service> services) {

    Progress {
        services = List.copyOf(services);
    }

    /**
     * One service.
     *
     * @param snapshotPercent of its tables' rows, read from the source so far
     * @param rows written to the target so far
     * @param lagMillis from the source's commit to the target's, for what was written last; negative while unknown
     */
    record Service(String name, int tables, int snapshotPercent, long rows, long lagMillis) {}

    long rows() {
        return services.stream().mapToLong(Service::rows).sum();
    }
}
