package io.sluice.source.mongo;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Position;

/** Gives each thing that is published its place: the cluster time, and the place in it. Belongs to one thread. */
final class Positions {

    private final int epoch;
    private final String place;
    private long time;
    private long order;

    Positions(int epoch, MongoOffset stored, String place) {
        this.epoch = epoch;
        this.place = place;
        this.time = stored.time();
        this.order = stored.order();
    }

    /** The next place, of an event at this time. */
    Position at(long eventTime) {
        if (ClusterTime.isAfter(time, eventTime)) {
            throw new HaltException(
                    "SOURCE_LOG_OUT_OF_ORDER",
                    "the change stream went back from " + ClusterTime.text(time) + " to " + ClusterTime.text(eventTime),
                    place,
                    "Nothing wrong was published. Start it again, and report this with the server's version.");
        }
        through(eventTime);
        return here();
    }

    /** The next place, of what stands after all events so far. */
    Position here() {
        order++;
        return new Position(epoch, time, order);
    }

    /** Nothing of this time or an earlier one will come any more. */
    void through(long passed) {
        if (ClusterTime.isAfter(passed, time)) {
            time = passed;
            order = 0;
        }
    }

    long time() {
        return time;
    }

    long order() {
        return order;
    }
}
