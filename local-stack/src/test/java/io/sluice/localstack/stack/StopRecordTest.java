package io.sluice.localstack.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopRecordTest {

    @TempDir
    private Path folder;

    @Test
    void aNewFolderIsNotSuspect() throws IOException {
        on("boot-1").starting();
        assertThat(on("boot-1").isSuspect()).isFalse();
    }

    @Test
    void aCleanStopIsSafeOnAnyBoot() throws IOException {
        on("boot-1").starting();
        on("boot-1").stopped();
        on("boot-2").starting();
        assertThat(on("boot-2").isSuspect()).isFalse();
    }

    @Test
    void aKillOnTheSameBootIsSafe() throws IOException {
        on("boot-1").starting();
        on("boot-1").starting();
        assertThat(on("boot-1").isSuspect()).isFalse();
    }

    @Test
    void anUncleanStopOnAnotherBootIsSuspect() throws IOException {
        on("boot-1").starting();
        on("boot-2").starting();
        assertThat(on("boot-2").isSuspect()).isTrue();
    }

    @Test
    void theSuspicionOutlivesCleanStopsUntilANewEpochIsAcknowledged() throws IOException {
        on("boot-1").starting();
        on("boot-2").starting();
        on("boot-2").stopped();
        on("boot-2").starting();
        assertThat(on("boot-2").isSuspect()).isTrue();
        on("boot-2").acknowledge();
        assertThat(on("boot-2").isSuspect()).isFalse();
        on("boot-2").starting();
        assertThat(on("boot-2").isSuspect()).isFalse();
    }

    @Test
    void aMachineThatDoesNotTellItsBootIsNeverTakenForTheSame() throws IOException {
        StopRecord silent = new StopRecord(folder, Optional::empty);
        silent.starting();
        silent.starting();
        assertThat(silent.isSuspect()).isTrue();
    }

    @Test
    void dataWithoutARecordIsSuspect() throws IOException {
        Files.createDirectory(folder.resolve("kafka"));
        on("boot-1").starting();
        assertThat(on("boot-1").isSuspect()).isTrue();
    }

    @Test
    void aRecordCutOffIsSuspect() throws IOException {
        Files.writeString(folder.resolve("state"), "");
        on("boot-1").starting();
        assertThat(on("boot-1").isSuspect()).isTrue();
    }

    private StopRecord on(String boot) {
        return new StopRecord(folder, () -> Optional.of(boot));
    }
}
