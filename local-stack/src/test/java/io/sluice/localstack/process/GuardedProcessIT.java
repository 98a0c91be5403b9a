package io.sluice.localstack.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.localstack.process.GuardedProcess.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardedProcessIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @Test
    void closingAsksTheCommandToStopAndWaitsUntilItHas() throws Exception {
        GuardedProcess process =
                GuardedProcess.start(spec("trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 0.05; done"));
        await().atMost(LIMIT).until(() -> log().contains("ready"));
        process.close();
        assertThat(log()).contains("asked");
        assertThat(ProcessHandle.of(process.pid())).isEmpty();
        process.close();
    }

    @Test
    void aCommandThatWillNotStopIsEndedHarshly() throws Exception {
        GuardedProcess process =
                GuardedProcess.start(spec("trap '' TERM QUIT; echo ready; while :; do sleep 0.05; done"));
        await().atMost(LIMIT).until(() -> log().contains("ready"));
        process.close();
        assertThat(ProcessHandle.of(process.pid())).isEmpty();
    }

    @Test
    void tellsHowACommandEndedThatEndsByItself() {
        try (GuardedProcess process = GuardedProcess.start(spec("exit 7"))) {
            assertThat(process.await(LIMIT)).isEqualTo(7);
            assertThat(process.exitCode()).hasValue(7);
        }
    }

    @Test
    void theCommandHasNoInputAndAnEnvironmentOfItsOwn() throws Exception {
        try (GuardedProcess process = GuardedProcess.start(spec("cat; echo \"$GREETING from $PWD\""))) {
            assertThat(process.await(LIMIT)).isZero();
            assertThat(log()).isEqualTo("hello from " + folder.toRealPath() + "\n");
        }
    }

    @Test
    void endsWithItsParentThoughThatIsKilledAndTheTemporaryFolderAfterIt() throws Exception {
        try (ChildJvm child = ChildJvm.run(Parent.class)) {
            Path temporary = Path.of(child.line());
            long pid = Long.parseLong(child.line());
            assertThat(ProcessHandle.of(pid)).isPresent();
            child.kill();
            await().atMost(LIMIT).until(() -> Files.notExists(temporary));
            assertThat(ProcessHandle.of(pid)).as("gone before its folder").isEmpty();
        }
    }

    static final class Parent {
        public static void main(String[] arguments) throws InterruptedException {
            TemporaryFolder temporary = TemporaryFolder.create("test");
            GuardedProcess process = GuardedProcess.start(spec(temporary.path(), "while :; do sleep 0.05; done"));
            temporary.keepUntilEndOf(process);
            System.out.println(temporary.path());
            System.out.println(process.pid());
            new CountDownLatch(1).await();
        }
    }

    private Spec spec(String script) {
        return spec(folder, script);
    }

    private static Spec spec(Path folder, String script) {
        return new Spec(
                "sluice-guard-test",
                List.of("sh", "-c", script),
                folder,
                Map.of("GREETING", "hello"),
                folder.resolve("log"),
                "TERM",
                Duration.ofSeconds(1));
    }

    private String log() throws Exception {
        return Files.readString(folder.resolve("log"));
    }
}
