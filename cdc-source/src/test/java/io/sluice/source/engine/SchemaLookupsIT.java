package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.SchemaStore;
import io.sluice.schemas.codec.UnknownSchemaException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** A registry is asked when a table's columns are new to the stage, and never for a record. */
class SchemaLookupsIT {

    private static final class Counting implements SchemaStore {

        private final SchemaStore store = new InMemorySchemaStore();
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public int register(String subject, Schema schema) {
            asked.incrementAndGet();
            return store.register(subject, schema);
        }

        @Override
        public Schema byId(int id) throws UnknownSchemaException {
            asked.incrementAndGet();
            return store.byId(id);
        }
    }

    @Test
    void recordsCostNoLookups() throws Exception {
        Counting schemas = new Counting();
        try (Capture capture = new Capture("lookups", schemas)) {
            capture.execute(
                    "CREATE TABLE items (id int PRIMARY KEY, v text)",
                    "INSERT INTO items SELECT i, 'loaded' FROM generate_series(1, 5000) i");
            PostgresSource source = capture.reading("items").start();
            Capture.awaitStreaming(source);
            assertThat(schemas.asked.get())
                    .as("key and value, for each worker of the load")
                    .isBetween(2, 16);
            capture.execute("UPDATE items SET v = 'first' WHERE id = 1");
            capture.awaitCaughtUp(source);
            int described = schemas.asked.get();

            for (int i = 0; i < 20; i++) {
                capture.execute("UPDATE items SET v = 'streamed " + i + "' WHERE id % 20 = " + i);
            }
            capture.awaitCaughtUp(source);
            assertThat(schemas.asked.get()).as("after 5,000 more").isEqualTo(described);

            capture.execute("ANALYZE items", "UPDATE items SET v = 'analysed' WHERE id = 1");
            capture.awaitCaughtUp(source);
            assertThat(schemas.asked.get()).as("described again, as it was").isEqualTo(described);

            capture.execute("ALTER TABLE items ADD COLUMN w int", "UPDATE items SET w = 1 WHERE id = 1");
            capture.awaitCaughtUp(source);
            assertThat(schemas.asked.get()).as("new columns are two schemas").isEqualTo(described + 2);
            assertThat(capture.changes("items")).hasSize(10_003);
        }
    }
}
