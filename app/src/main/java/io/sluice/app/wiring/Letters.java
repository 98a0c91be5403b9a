package io.sluice.app.wiring;

import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.deadletter.HeldRequest;
import io.sluice.platform.deadletter.ReplayRequest;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.topic.Names;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** The dead letters of a service, and what is asked about them. */
public final class Letters {

    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConnection kafka;
    private final ServiceSpec service;
    private final String topic;
    private final String requests;

    /**
     * A dead letter.
     *
     * @param number its offset in the topic of dead letters, by which people name it
     */
    public record Letter(long number, long writtenAtMillis, DeadLetter content) {

        /** A letter that was written twice has it twice. */
        HeldRows.Place place() {
            return new HeldRows.Place(content.topic(), content.partition(), content.offset());
        }

        public boolean isIn(HeldRows.Row row) {
            return row.place().equals(place());
        }
    }

    /** @throws io.sluice.platform.error.HaltException if the service has no such topic: it was never run */
    public Letters(Pipeline pipeline, ServiceSpec service, KafkaConnection kafka) {
        Names names = new Names(pipeline.name());
        this.kafka = kafka;
        this.service = service;
        this.topic = names.deadLetters(service.name());
        this.requests = names.transformRequests(service.name());
        try (TopicAdmin admin = TopicAdmin.open(kafka)) {
            admin.check(List.of(new TopicLayout(pipeline).deadLetters(service)));
        }
    }

    /** The latest letters, each once, oldest first. */
    public List<Letter> latest(int most) {
        List<Letter> letters = new ArrayList<>();
        Set<HeldRows.Place> places = new HashSet<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = List.of(new TopicPartition(topic, 0));
            long begin = consumer.beginningOffsets(all).getOrDefault(all.get(0), 0L);
            long end = consumer.endOffsets(all).getOrDefault(all.get(0), 0L);
            consumer.assign(all);
            consumer.seek(all.get(0), Math.max(begin, end - most));
            while (consumer.position(all.get(0)) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    DeadLetter.read(record)
                            .map(content -> new Letter(record.offset(), record.timestamp(), content))
                            .filter(letter -> places.add(letter.place()))
                            .ifPresent(letters::add);
                }
            }
        }
        return letters;
    }

    /** Asks sinks; says where each request stands. */
    public List<String> ask(List<HeldRequest> asked) throws InterruptedException {
        return send(asked.stream().map(request -> request.record(requests)).toList());
    }

    /** Asks the transform. */
    public void replay(ReplayRequest request, int partitions) throws InterruptedException {
        send(request.records(requests, partitions));
    }

    private List<String> send(List<ProducerRecord<byte @Nullable [], byte @Nullable []>> records)
            throws InterruptedException {
        List<String> places = new ArrayList<>();
        try (KafkaProducer<byte @Nullable [], byte @Nullable []> producer =
                new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (ProducerRecord<byte @Nullable [], byte @Nullable []> record : records) {
                RecordMetadata at = producer.send(record).get();
                places.add(at.partition() + "-" + at.offset());
            }
        } catch (ExecutionException e) {
            throw new EnvironmentException(
                    "KAFKA_UNAVAILABLE",
                    "Kafka does not take the request",
                    "topic " + requests + " of service " + service.name(),
                    "Check that the brokers run; asking twice does no harm.",
                    e);
        }
        return places;
    }
}
