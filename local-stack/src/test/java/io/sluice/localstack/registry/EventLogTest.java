package io.sluice.localstack.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {

    private static final List<RegistryEvent> EVENTS = List.of(
            new RegistryEvent.Registered("orders-value", 1, 1, "{\"type\":\"string\",\"note\":\"a\\nb é\"}"),
            new RegistryEvent.Registered("users-value", 1, 1, null),
            new RegistryEvent.LevelSet("orders-value", CompatibilityLevel.FULL),
            new RegistryEvent.LevelSet(null, null),
            new RegistryEvent.ModeSet(null, Mode.READONLY),
            new RegistryEvent.VersionDeleted("orders-value", 1, false),
            new RegistryEvent.SubjectDeleted("users-value", true));

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("registry.log");
    }

    private List<RegistryEvent> open() throws IOException {
        List<RegistryEvent> events = new ArrayList<>();
        EventLog.open(folder, events::add).close();
        return events;
    }

    private void write(List<RegistryEvent> events) throws IOException {
        try (EventLog log = EventLog.open(folder, event -> {})) {
            for (RegistryEvent event : events) {
                log.append(event);
            }
        }
    }

    @Test
    void givesBackEveryEventInItsOrder() throws IOException {
        write(EVENTS.subList(0, 3));
        write(EVENTS.subList(3, 7));

        assertThat(open()).isEqualTo(EVENTS);
    }

    @Test
    void opensAfterACrashAtAnyByteWithAllWholeEventsAndGoesOn() throws IOException {
        write(EVENTS);
        byte[] whole = Files.readAllBytes(file);

        for (int length = 0; length <= whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            List<RegistryEvent> kept = open();
            long wholeLines = new String(whole, 0, length, java.nio.charset.StandardCharsets.UTF_8)
                    .chars()
                    .filter(c -> c == '\n')
                    .count();
            assertThat(kept).as("cut at byte %s", length).isEqualTo(EVENTS.subList(0, (int) wholeLines));
        }

        Files.write(file, Arrays.copyOf(whole, whole.length - 3));
        write(EVENTS.subList(6, 7));
        assertThat(open()).isEqualTo(EVENTS);
    }

    @Test
    void dropsATailOfGarbageThatPowerLossLeft() throws IOException {
        write(EVENTS);
        Files.write(file, new byte[4096], StandardOpenOption.APPEND);
        Files.writeString(file, "\nxx\n", StandardOpenOption.APPEND);

        assertThat(open()).isEqualTo(EVENTS);
        assertThat(open()).isEqualTo(EVENTS);
    }

    @Test
    void refusesToOpenWhenAnEventInTheMiddleIsDamaged() throws IOException {
        write(EVENTS);
        byte[] bytes = Files.readAllBytes(file);
        bytes[30] ^= 1;
        Files.write(file, bytes);

        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("damaged at byte 0");
        assertThat(Files.readAllBytes(file)).as("left as it was").isEqualTo(bytes);
    }

    @Test
    void belongsToOneAtATime() throws IOException {
        try (EventLog log = EventLog.open(folder, event -> {})) {
            assertThatThrownBy(this::open)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another schema registry is running on");
            log.append(EVENTS.get(0));
        }
        assertThat(open()).hasSize(1);
    }
}
