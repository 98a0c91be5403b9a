package io.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.error.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DemoIT {

    private final StringWriter out = new StringWriter();

    /** A person who never presses Ctrl-C. */
    private record Patient() implements Demo.Stop {

        @Override
        public boolean await(Duration limit) throws InterruptedException {
            return new java.util.concurrent.CountDownLatch(1)
                    .await(limit.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
        }

        @Override
        public boolean isAsked() {
            return false;
        }
    }

    @Test
    void theMonolithIsSplitWhileItChangesAndEveryTableIsEqual() throws Exception {
        ExitCode code = new Demo(new Demo.Options(true, 3_000, 1_000), new PrintWriter(out), false).run(new Patient());

        assertThat(out.toString()).contains("All 9 tables are equal.");
        assertThat(code).isEqualTo(ExitCode.DONE);
        assertThat(folder()).doesNotExist();
    }

    /** Ctrl-C in the middle of it all. */
    @Test
    void whoStopsItEarlyGetsNoVerdictAndNoLeftovers() throws Exception {
        AtomicReference<Integer> looks = new AtomicReference<>(0);
        Demo.Stop impatient = new Demo.Stop() {
            @Override
            public boolean await(Duration limit) {
                return looks.updateAndGet(count -> count + 1) > 1;
            }

            @Override
            public boolean isAsked() {
                return looks.get() > 1;
            }
        };
        ExitCode code = new Demo(new Demo.Options(false, 500, 0), new PrintWriter(out), false).run(impatient);

        assertThat(code).isEqualTo(ExitCode.DONE);
        assertThat(out.toString())
                .contains("psql \"$MONOLITH_URL\"")
                .doesNotContain("equal")
                .doesNotContain("postgres:");
        assertThat(folder()).doesNotExist();
    }

    private Path folder() {
        Matcher file = Pattern.compile("The pipeline file is (\\S+)").matcher(out.toString());
        assertThat(file.find()).isTrue();
        return Path.of(file.group(1)).getParent();
    }
}
