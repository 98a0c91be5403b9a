package io.sluice.app.wiring;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.control.proof.AppliedThrough.SourceMark;
import io.sluice.platform.kafka.FollowedTopic;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.source.engine.PostgresSource;
import io.sluice.source.engine.SourceOutlook;
import io.sluice.source.engine.SourceProgress;
import io.sluice.source.mongo.MongoSource;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A source as somebody sees it who does not run it. Belongs to one thread. */
interface ObservedSource extends AutoCloseable {

    SourceSpec spec();

    /** What is stored of it. */
    SourceProgress stored();

    /** What its server says. */
    SourceOutlook outlook();

    /** Marks the present end of its log. */
    SourceMark mark();

    @Override
    void close();

    static ObservedSource of(Pipeline pipeline, SourceSpec spec, Servers servers) {
        return switch (spec.kind()) {
            case POSTGRESQL -> new Postgres(pipeline, spec, servers);
            case MONGODB -> new Mongo(pipeline, spec, servers);
        };
    }

    /** A PostgreSQL database. */
    final class Postgres implements ObservedSource {

        private final SourceSpec spec;
        private final PostgresConnector connector;
        private final PostgresSource source;
        private final FollowedTopic state;

        private Postgres(Pipeline pipeline, SourceSpec spec, Servers servers) {
            this.spec = spec;
            this.connector = PostgresConnector.of(spec.connection(), "sluice-status-" + pipeline.name());
            this.source =
                    new PostgresSource(pipeline, spec, servers.kafka(), servers.schemas(), new SimpleMeterRegistry());
            this.state = source.follow();
        }

        @Override
        public SourceSpec spec() {
            return spec;
        }

        @Override
        public SourceProgress stored() {
            return source.stored(state);
        }

        @Override
        public SourceOutlook outlook() {
            return source.outlook();
        }

        @Override
        public SourceMark mark() {
            return () -> {
                String position = Long.toUnsignedString(source.mark());
                return () -> Proofs.hasPassed(connector, source.slot(), position);
            };
        }

        @Override
        public void close() {
            state.close();
        }
    }

    /** A MongoDB deployment. */
    final class Mongo implements ObservedSource {

        /** A server that is idle writes to its oplog now and then, and the position follows with the next heartbeat. */
        private static final long IDLE_SECONDS = 15;

        private final SourceSpec spec;
        private final MongoSource source;
        private final FollowedTopic state;

        private Mongo(Pipeline pipeline, SourceSpec spec, Servers servers) {
            this.spec = spec;
            this.source =
                    new MongoSource(pipeline, spec, servers.kafka(), servers.schemas(), new SimpleMeterRegistry());
            this.state = source.follow();
        }

        @Override
        public SourceSpec spec() {
            return spec;
        }

        @Override
        public SourceProgress stored() {
            return source.stored(state);
        }

        @Override
        public SourceOutlook outlook() {
            return source.outlook(stored());
        }

        @Override
        public SourceMark mark() {
            long allowed = TimeUnit.SECONDS.toMicros(spec.heartbeat().toSeconds() + IDLE_SECONDS);
            return () -> {
                long end = outlook().nowMicros();
                BooleanSupplier passed = () -> end - stored().lastCommitMicros() <= allowed;
                return passed;
            };
        }

        @Override
        public void close() {
            state.close();
        }
    }
}
