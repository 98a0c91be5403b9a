package io.sluice.transform.topology;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.error.SluiceException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * A change record in, row records out. All that becomes of a record is made before the first of it is handed on, so that what
 * stops it stops it whole.
 */
final class ChangeProcessor implements Processor<byte @Nullable [], byte @Nullable [], RoutedKey, byte @Nullable []> {

    static final String REMEDY =
            "Nothing was skipped and nothing after it was committed. Mend the cause, then start the service again.";

    private final Intake intake;
    private final SplitRows splits;
    private final PolledRecords polled;
    private final List<Record<RoutedKey, byte @Nullable []>> outgoing = new ArrayList<>();
    private @Nullable ProcessorContext<RoutedKey, byte @Nullable []> context;
    private PolledRecords.@Nullable Count count;

    ChangeProcessor(Intake intake, SplitRows splits, PolledRecords polled) {
        this.intake = intake;
        this.splits = splits;
        this.polled = polled;
    }

    @Override
    public void init(ProcessorContext<RoutedKey, byte @Nullable []> given) {
        context = given;
        count = polled.ofThisThread();
        count.reset();
        splits.open(given);
        intake.open(given);
    }

    @Override
    public void process(Record<byte @Nullable [], byte @Nullable []> record) {
        ProcessorContext<RoutedKey, byte @Nullable []> here = context;
        PolledRecords.Count left = count;
        if (here == null || left == null) {
            throw new IllegalStateException("process before init");
        }
        RecordMetadata metadata = here.recordMetadata()
                .orElseThrow(() -> new IllegalStateException("a record of a source topic has a place"));
        outgoing.clear();
        take(record, new Place(metadata.topic(), metadata.partition(), metadata.offset()));
        for (Record<RoutedKey, byte @Nullable []> made : outgoing) {
            here.forward(made);
        }
        if (left.drainedByOne()) {
            here.commit();
        }
    }

    private void take(Record<byte @Nullable [], byte @Nullable []> record, Place place) {
        try {
            intake.take(record, place, outgoing);
        } catch (HaltException e) {
            throw e.place() != null ? e : new HaltException(e.code(), e.problem(), place.toString(), e.remedy());
        } catch (SluiceException e) {
            throw e;
        } catch (KafkaException e) {
            // Of the state: whether it is a failure at all, or the task's going elsewhere, Streams must see for itself.
            throw e;
        } catch (RuntimeException e) {
            // Its message is left out, for it may hold a value; the innermost frame says enough to find the fault.
            String at = e.getStackTrace().length == 0 ? "" : " at " + e.getStackTrace()[0];
            throw new HaltException(
                    "TRANSFORM_FAILED", "unexpected " + e.getClass().getName() + at, place.toString(), REMEDY);
        }
    }

    @Override
    public void close() {
        if (count != null) {
            count.reset();
        }
        intake.close();
    }
}
