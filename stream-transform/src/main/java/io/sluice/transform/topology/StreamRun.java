package io.sluice.transform.topology;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;

/**
 * One life of a Streams client, from start to its first failure. It is not mended but replaced: a client whose thread was
 * replaced leaves a dead member in the group, for which the rest waits a whole session timeout.
 */
final class StreamRun implements AutoCloseable {

    private static final Duration CLOSE_LIMIT = Duration.ofMillis(4500);

    private final KafkaStreams streams;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch failed = new CountDownLatch(1);

    private StreamRun(Topology topology, StreamsConfig settings) {
        this.streams = new KafkaStreams(topology, settings);
    }

    /** @param resting whether it is to keep its partitions and do nothing, for now */
    static StreamRun start(Topology topology, StreamsConfig settings, boolean resting) {
        StreamRun run = new StreamRun(topology, settings);
        run.streams.setUncaughtExceptionHandler(exception -> {
            run.failure.compareAndSet(null, exception);
            run.failed.countDown();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        run.rest(resting);
        try {
            run.streams.start();
        } catch (RuntimeException e) {
            run.close();
            throw e;
        }
        return run;
    }

    /** Has it map nothing until this is taken back; its partitions stay its own. */
    void rest(boolean wanted) {
        if (wanted) {
            streams.pause();
        } else if (streams.isPaused()) {
            streams.resume();
        }
    }

    boolean isRunning() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    /** Waits for its failure at most that long; null if there was none. */
    @Nullable
    Throwable awaitFailure(Duration limit) throws InterruptedException {
        return failed.await(limit.toMillis(), TimeUnit.MILLISECONDS) ? failure.get() : null;
    }

    /** Commits what is done and leaves the group, so that another process takes over at once. */
    @Override
    public void close() {
        streams.close(CloseOptions.timeout(CLOSE_LIMIT)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    }
}
