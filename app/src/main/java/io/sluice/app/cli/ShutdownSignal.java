package io.sluice.app.cli;

import io.sluice.app.demo.Demo;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C and SIGTERM into something that a command waits for: the process stays until the command has cleaned up, or
 * until that has taken too long.
 */
final class ShutdownSignal implements Demo.Stop {

    private static final Duration CLEAN_UP_LIMIT = Duration.ofSeconds(30);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);

    private ShutdownSignal() {}

    static ShutdownSignal install() {
        ShutdownSignal signal = new ShutdownSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(signal::onShutdown, "shutdown"));
        return signal;
    }

    private void onShutdown() {
        asked.countDown();
        try {
            if (!done.await(CLEAN_UP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                System.err.println("sluice: gave up cleaning up; nothing is lost");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the process was asked to end, before that time was over. */
    @Override
    public boolean await(Duration limit) throws InterruptedException {
        return asked.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean isAsked() {
        return asked.getCount() == 0;
    }

    /** The command has cleaned up. */
    void done() {
        done.countDown();
    }
}
