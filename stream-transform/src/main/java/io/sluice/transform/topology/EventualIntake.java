package io.sluice.transform.topology;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.MalformedRecordException;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Where keys go side by side. */
final class EventualIntake implements Intake {

    private final ChangeMapper mapper;
    private final MarkerOutput markers;

    EventualIntake(ChangeMapper mapper, MarkerOutput markers) {
        this.mapper = mapper;
        this.markers = markers;
    }

    @Override
    public void open(ProcessorContext<RoutedKey, byte @Nullable []> context) {}

    @Override
    public void take(
            Record<byte @Nullable [], byte @Nullable []> record,
            Place place,
            List<Record<RoutedKey, byte @Nullable []>> out) {
        try {
            byte[] value = record.value();
            if (value == null) {
                passOn(record, place, out);
            } else {
                mapper.rows(mapper.decode(record.key(), value, place.topic()), place, record.timestamp(), out);
            }
        } catch (UnfitRecordException e) {
            throw new HaltException(
                    e.verdict().code(), e.verdict().problem(), place.toString(), ChangeProcessor.REMEDY);
        }
    }

    /** What has no value can only be a marker: it goes to every partition that rows of its table may go to. */
    private void passOn(
            Record<byte @Nullable [], byte @Nullable []> record,
            Place place,
            List<Record<RoutedKey, byte @Nullable []>> out)
            throws UnfitRecordException {
        try {
            LoadMarker marker = LoadMarker.read(name -> {
                Header header = record.headers().lastHeader(name);
                return header == null ? null : header.value();
            });
            if (marker == null || record.key() != null) {
                throw new MalformedRecordException("it has no value");
            }
            out.addAll(markers.of(marker, place, record.timestamp()));
        } catch (MalformedRecordException e) {
            throw UnfitRecordException.unreadable("RECORD_UNREADABLE", e.getMessage());
        }
    }
}
