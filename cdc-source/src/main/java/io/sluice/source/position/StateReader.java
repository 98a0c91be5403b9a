package io.sluice.source.position;

import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.kafka.WholeTopic;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the state topic {@code read_committed} to its end. */
public final class StateReader {

    private final KafkaConnection kafka;
    private final StateRecords records;

    public StateReader(KafkaConnection kafka, StateRecords records) {
        this.kafka = kafka;
        this.records = records;
    }

    /**
     * What is stored now. Where an unfinished transaction of a former process is still open, that process must have been
     * fenced before: only then is its end known.
     */
    public SourceState read() {
        return records.state(entries());
    }

    /** The same for whoever starts afresh: a record that can't be read does not matter then. */
    public StateRecords.Salvaged salvage() {
        return records.salvaged(entries());
    }

    /** The records themselves, in their order. */
    public List<Map.Entry<byte[], byte @Nullable []>> entries() {
        return WholeTopic.entries(kafka, records.topic());
    }
}
