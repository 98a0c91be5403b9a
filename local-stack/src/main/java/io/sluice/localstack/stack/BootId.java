package io.sluice.localstack.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What tells one run of the machine from the next. */
@FunctionalInterface
interface BootId {

    /** Empty where the system has none; then no two runs count as the same. */
    Optional<String> read();

    static Optional<String> ofThisMachine() {
        Path linux = Path.of("/proc/sys/kernel/random/boot_id");
        try {
            if (Files.isReadable(linux)) {
                return Optional.of(Files.readString(linux).strip());
            }
            Process sysctl = new ProcessBuilder("sysctl", "-n", "kern.bootsessionuuid")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(sysctl.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            boolean answered = sysctl.waitFor(5, TimeUnit.SECONDS) && sysctl.exitValue() == 0 && !answer.isEmpty();
            return answered ? Optional.of(answer) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
