package io.sluice.app;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericDatumReader;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericRecord;
import org.apache.flink.avro.shaded.org.apache.avro.io.DecoderFactory;
import org.apache.flink.formats.avro.registry.confluent.ConfluentSchemaRegistryCoder;

/** Reads our records as a stranger does: with Confluent's own client and Avro's own reader, and nothing of ours. */
public final class GenuineClient {

    private final ConfluentSchemaRegistryCoder coder;

    public GenuineClient(String registryUrl) {
        this.coder = new ConfluentSchemaRegistryCoder(new CachedSchemaRegistryClient(registryUrl, 100));
    }

    /** The record's value or key, whole. */
    public GenericRecord read(byte[] record) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(record);
        Schema writer = coder.readSchema(in);
        GenericRecord read = new GenericDatumReader<GenericRecord>(writer)
                .read(null, DecoderFactory.get().directBinaryDecoder(in, null));
        if (in.available() != 0) {
            throw new IOException(in.available() + " bytes were left over");
        }
        return read;
    }
}
