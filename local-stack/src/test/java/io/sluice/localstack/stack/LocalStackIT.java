package io.sluice.localstack.stack;

import static io.sluice.localstack.stack.Part.KAFKA;
import static io.sluice.localstack.stack.Part.MONGODB;
import static io.sluice.localstack.stack.Part.POSTGRES;
import static io.sluice.localstack.stack.Part.REGISTRY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.process.ChildJvm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStackIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void startsEverythingWritesTheAddressesForAShellAndKeepsThemOverARestart(@TempDir Path folder) throws Exception {
        Map<Part, String> addresses;
        try (LocalStack stack = LocalStack.builder(folder).start()) {
            assertThat(stack.owns()).isTrue();
            addresses = stack.addresses();
            assertThat(addresses).containsOnlyKeys(KAFKA, REGISTRY, POSTGRES, MONGODB);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(stack.environmentFile())))
                    .isEqualTo("rw-------");
            assertThat(inShell(stack.environmentFile()))
                    .isEqualTo(String.join(
                            " ", stack.kafkaBootstrap(), stack.registryUrl(), stack.postgresUrl(), stack.mongodbUri()));
            addresses.values().forEach(LocalStackIT::answers);
        }
        assertThat(folder.resolve("stack.env")).doesNotExist();
        try (LocalStack stack = LocalStack.builder(folder).start()) {
            assertThat(stack.addresses()).isEqualTo(addresses);
            assertThat(stack.uncleanStopOnAnotherBoot()).isFalse();
        }
    }

    @Test
    void aSecondAskerAttachesAndDoesNotStopWhatIsNotIts(@TempDir Path folder) {
        try (LocalStack owner = LocalStack.builder(folder).with(POSTGRES).start()) {
            try (LocalStack guest = LocalStack.builder(folder).with(POSTGRES).attachOrStart()) {
                assertThat(guest.owns()).isFalse();
                assertThat(guest.postgresUrl()).isEqualTo(owner.postgresUrl());
                assertThat(guest.hasOwner()).isTrue();
                assertThat(guest.ownerPid()).isEqualTo(ProcessHandle.current().pid());
            }
            answers(owner.postgresUrl());
            assertThatThrownBy(() -> LocalStack.builder(folder).with(POSTGRES).start())
                    .isInstanceOf(LocalServerException.class)
                    .hasMessageContaining("Another process runs the local stack");
            assertThatThrownBy(() ->
                            LocalStack.builder(folder).with(POSTGRES, MONGODB).attachOrStart())
                    .isInstanceOf(LocalServerException.class)
                    .hasMessageContaining("without [MONGODB]");
        }
        assertThat(LocalStack.attach(folder)).isEmpty();
    }

    @Test
    void attachesToAnotherProcessAndTakesOverOnceThatWasKilledWithoutBelievingItsFile(@TempDir Path folder)
            throws Exception {
        String old;
        try (ChildJvm child = ChildJvm.run(LocalStackMain.class, folder.toString(), "POSTGRES")) {
            assertThat(child.line()).contains("PostgreSQL").doesNotContain(password(folder));
            LocalStack guest = LocalStack.builder(folder).with(POSTGRES).attachOrStart();
            assertThat(guest.owns()).isFalse();
            answers(guest.postgresUrl());
            old = Files.readString(folder.resolve("stack.env"));
            child.kill();
            await().atMost(LIMIT).until(() -> !guest.hasOwner());
        }
        assertThat(folder.resolve("stack.env")).as("left by the dead").hasContent(old);
        assertThat(LocalStack.builder(folder).with(POSTGRES).attach()).isEmpty();
        try (LocalStack stack = LocalStack.builder(folder).with(POSTGRES).attachOrStart()) {
            assertThat(stack.owns()).isTrue();
            assertThat(stack.uncleanStopOnAnotherBoot())
                    .as("the machine stayed up")
                    .isFalse();
            answers(stack.postgresUrl());
        }
    }

    @Test
    void aFileOfADeadOwnerIsNotBelievedThoughANewOwnerHoldsTheLock(@TempDir Path folder) throws Exception {
        try (LocalStack owner = LocalStack.builder(folder).with(REGISTRY).start()) {
            String written = Files.readString(owner.environmentFile());
            Owner dead = new Owner(ProcessHandle.current().pid(), 1, "of-another-time");
            new StackFile(owner.environmentFile()).write(dead, owner.addresses());
            assertThat(LocalStack.builder(folder).with(REGISTRY).attach()).isEmpty();
            dead.sign(folder);
            assertThat(LocalStack.builder(folder).with(REGISTRY).attach())
                    .as("the process of that id started at another time")
                    .isEmpty();
            Files.writeString(owner.environmentFile(), written);
        }
    }

    @Test
    void afterAPowerLossItSaysSoToOwnerAndGuestUntilANewEpochIsAcknowledged(@TempDir Path folder) throws Exception {
        try (ChildJvm child = ChildJvm.run(LocalStackMain.class, folder.toString(), "REGISTRY")) {
            child.line();
            child.kill();
        }
        Files.writeString(folder.resolve("state"), "running on-a-boot-long-ago\n");
        try (LocalStack stack = LocalStack.builder(folder).with(REGISTRY).start()) {
            assertThat(stack.uncleanStopOnAnotherBoot()).isTrue();
        }
        try (LocalStack stack = LocalStack.builder(folder).with(REGISTRY).start();
                LocalStack guest = LocalStack.builder(folder).with(REGISTRY).attachOrStart()) {
            assertThat(stack.uncleanStopOnAnotherBoot())
                    .as("a clean stop in between proves nothing")
                    .isTrue();
            assertThat(guest.uncleanStopOnAnotherBoot()).isTrue();
            stack.acknowledgeUncleanStop();
            assertThat(guest.uncleanStopOnAnotherBoot()).isFalse();
        }
    }

    @Test
    void closingTwiceDoesNotTouchTheNextOwnersFiles(@TempDir Path folder) {
        LocalStack first = LocalStack.builder(folder).with(REGISTRY).start();
        first.close();
        try (LocalStack second = LocalStack.builder(folder).with(REGISTRY).start()) {
            first.close();
            assertThat(second.environmentFile()).exists();
            assertThat(folder.resolve("state")).content().startsWith("running");
            assertThat(first.hasOwner()).isFalse();
        }
    }

    @Test
    void startsAllOrNothing(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("postgres").resolve("data"));
        assertThatThrownBy(() ->
                        LocalStack.builder(folder).with(REGISTRY, POSTGRES).start())
                .isInstanceOf(LocalServerException.class)
                .hasMessageContaining("PostgreSQL does not start");
        try (LocalStack stack = LocalStack.builder(folder).with(REGISTRY).start()) {
            answers(stack.registryUrl());
        }
    }

    @Test
    void theRegistryTakesAnotherPortWhenItsOwnIsTaken(@TempDir Path folder) throws IOException {
        String url;
        try (LocalStack stack = LocalStack.builder(folder).with(REGISTRY).start()) {
            url = stack.registryUrl();
        }
        var taken = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), URI.create(url).getPort());
        HttpServer other = HttpServer.create(taken, 1);
        try (LocalStack stack = LocalStack.builder(folder).with(REGISTRY).start()) {
            assertThat(stack.registryUrl()).isNotEqualTo(url);
        } finally {
            other.stop(0);
        }
    }

    @Test
    void aTemporaryStackIsGoneWithItsParentThoughThatIsKilled() throws Exception {
        try (ChildJvm child = ChildJvm.run(TemporaryStack.class)) {
            Path folder = Path.of(child.line());
            long postmaster = Long.parseLong(Files.readAllLines(folder.resolve("postgres/data/postmaster.pid"))
                    .get(0));
            child.kill();
            await().atMost(LIMIT)
                    .until(() -> Files.notExists(folder)
                            && ProcessHandle.of(postmaster).isEmpty());
        }
    }

    static final class TemporaryStack {
        public static void main(String[] arguments) throws InterruptedException {
            try (LocalStack stack = LocalStack.startTemporary(KAFKA, POSTGRES)) {
                System.out.println(stack.folder());
                new java.util.concurrent.CountDownLatch(1).await();
            }
        }
    }

    @Test
    void theCommandTellsASecondCallerWhoRunsTheServers(@TempDir Path folder) throws Exception {
        try (LocalStack owner = LocalStack.builder(folder).with(POSTGRES, KAFKA).start()) {
            var printed = new ByteArrayOutputStream();
            Set<Part> parts = EnumSet.of(POSTGRES, KAFKA);
            int code = LocalStackMain.run(folder, parts, new PrintStream(printed, true, StandardCharsets.UTF_8));
            assertThat(code).isZero();
            assertThat(printed.toString(StandardCharsets.UTF_8))
                    .contains("Process " + ProcessHandle.current().pid() + " runs these servers already")
                    .contains(owner.kafkaBootstrap())
                    .contains("postgresql://postgres:***@127.0.0.1:")
                    .doesNotContain(password(folder));
        }
    }

    @Test
    void theCommandStopsCleanlyOnTerminate(@TempDir Path folder) throws Exception {
        try (ChildJvm child = ChildJvm.run(LocalStackMain.class, folder.toString())) {
            child.line();
            await().atMost(LIMIT).until(() -> Files.exists(folder.resolve("stack.env")));
            assertThat(child.terminate(15)).isTrue();
        }
        assertThat(folder.resolve("stack.env")).doesNotExist();
        assertThat(folder.resolve("state")).hasContent("stopped");
        assertThat(folder.resolve("postgres/data/postmaster.pid")).doesNotExist();
    }

    @Test
    void theCommandEndsWhenAServerDoes(@TempDir Path folder) throws Exception {
        try (ChildJvm child = ChildJvm.run(LocalStackMain.class, folder.toString(), "POSTGRES")) {
            child.line();
            long postmaster = Long.parseLong(Files.readAllLines(folder.resolve("postgres/data/postmaster.pid"))
                    .get(0));
            assertThat(ProcessHandle.of(postmaster).map(ProcessHandle::destroyForcibly))
                    .hasValue(true);
            String line;
            do {
                line = child.line();
            } while (!line.contains("PostgreSQL has ended by itself"));
            await().atMost(LIMIT).until(() -> !Files.exists(folder.resolve("stack.env")));
        }
    }

    private static String password(Path folder) throws IOException {
        return Files.readString(folder.resolve("postgres").resolve("password")).strip();
    }

    private static String inShell(Path environment) throws Exception {
        Process shell = new ProcessBuilder(
                        "sh",
                        "-c",
                        ". \"$0\"; sh -c 'echo $KAFKA_BOOTSTRAP $REGISTRY_URL $POSTGRES_URL $MONGODB_URI'",
                        environment.toString())
                .start();
        return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    private static void answers(String address) {
        try {
            if (address.startsWith("postgresql:")) {
                String[] parts = address.substring("postgresql://".length()).split("[:@/]", -1);
                DriverManager.getConnection(
                                "jdbc:postgresql://" + parts[2] + ":" + parts[3] + "/" + parts[4], parts[0], parts[1])
                        .close();
            } else if (address.startsWith("127.0.0.1:")) {
                try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
                    assertThat(admin.describeCluster().clusterId().get()).isNotBlank();
                }
            } else {
                URI uri = URI.create(address);
                new Socket(uri.getHost(), uri.getPort()).close();
            }
        } catch (Exception e) {
            throw new AssertionError(Optional.ofNullable(e.getMessage()).orElse(e.toString()), e);
        }
    }
}
