package io.sluice.transform.topology;

import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** What is made of a record: differs with what the service may see of its source. Belongs to one task. */
interface Intake {

    /** Before the first record; the state is restored by then. */
    void open(ProcessorContext<RoutedKey, byte @Nullable []> context);

    /**
     * Appends what becomes of the record.
     *
     * @throws io.sluice.platform.error.HaltException if the service must stop before it
     */
    void take(
            Record<byte @Nullable [], byte @Nullable []> record,
            Place place,
            List<Record<RoutedKey, byte @Nullable []>> out);

    /** The task goes elsewhere. */
    default void close() {}
}
