package io.sluice.transform.topology;

import io.sluice.schemas.model.Origin;

/** Where a record stands. */
record Place(String topic, int partition, long offset) {

    /** Of one of the row records that came of it. */
    Origin origin(int part) {
        return new Origin(topic, partition, offset, part);
    }

    /** For messages. */
    @Override
    public String toString() {
        return "topic " + topic + " partition " + partition + " offset " + offset;
    }
}
