package io.sluice.source.engine;

import io.sluice.localstack.testing.KafkaServer;
import io.sluice.source.testing.JavaChild;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Starts capturing processes. */
final class Child {

    private Child() {}

    static JavaChild of(Capture capture, String registry) throws IOException {
        return of(capture, registry, "");
    }

    static JavaChild of(Capture capture, String registry, String without) throws IOException {
        return start(capture, registry, List.of("-Dwithout=" + without));
    }

    /** @param hit how often the place is passed before */
    static JavaChild endingAt(Capture capture, String registry, Safeguards.Point point, int hit) throws IOException {
        return endingAt(capture, registry, point, hit, "");
    }

    static JavaChild endingAt(Capture capture, String registry, Safeguards.Point point, int hit, String without)
            throws IOException {
        return start(capture, registry, List.of("-Dfailpoint=" + point, "-Dhit=" + hit, "-Dwithout=" + without));
    }

    /** One that stops at a place, with all that it holds, until it is told to go on. */
    static JavaChild freezingAt(Capture capture, String registry, Safeguards.Point point, String without)
            throws IOException {
        return start(capture, registry, List.of("-Dfailpoint=" + point, "-Dfreeze=true", "-Dwithout=" + without));
    }

    private static JavaChild start(Capture capture, String registry, List<String> properties) throws IOException {
        List<String> options = new ArrayList<>(properties);
        options.add("-Dordered=" + String.join(",", capture.readInOrder()));
        return JavaChild.start(CaptureMain.class, options, arguments(capture, registry, MixedLoad.TABLES));
    }

    /** What {@link CaptureMain} has to be told. */
    static List<String> arguments(Capture capture, String registry, String... tables) {
        List<String> arguments = new ArrayList<>(List.of(
                capture.pipelineName,
                capture.database.url(),
                KafkaServer.shared().bootstrapServers(),
                registry));
        arguments.addAll(List.of(tables));
        return arguments;
    }
}
