package io.sluice.app.cli;

import io.sluice.platform.error.BadInputException;
import io.sluice.platform.ops.OpsSettings;
import io.sluice.platform.tls.TlsFiles;
import io.sluice.schemas.pipeline.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a process that stays answers questions about itself; mixed into the commands that stay. */
final class Listening {

    private static final int HIGHEST_PORT = 65_535;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS:PORT",
            defaultValue = "127.0.0.1:0",
            description =
                    "Where /live, /ready, /metrics and /status are answered. Default: ${DEFAULT-VALUE}; port 0 is any that "
                            + "is free. Another address than loopback needs the three options below.")
    private String listen = "127.0.0.1:0";

    @Option(
            names = "--http-token-file",
            paramLabel = "FILE",
            description = "Holds the token that /metrics and /status ask for (Authorization: Bearer …).")
    private @Nullable Path tokenFile;

    @Option(names = "--http-cert", paramLabel = "FILE", description = "Certificate chain for TLS, in PEM.")
    private @Nullable Path certificate;

    @Option(names = "--http-key", paramLabel = "FILE", description = "Its private key, PKCS#8 in PEM.")
    private @Nullable Path key;

    OpsSettings settings() {
        if ((certificate == null) != (key == null)) {
            throw new BadInputException(
                    "LISTEN_UNSAFE",
                    "a certificate is of no use without its key, nor the other way round",
                    certificate == null ? "--http-key" : "--http-cert",
                    "Give --http-cert and --http-key together.");
        }
        return new OpsSettings(
                address(),
                tokenFile == null ? Optional.empty() : Optional.of(token(tokenFile)),
                certificate == null || key == null
                        ? Optional.empty()
                        : Optional.of(new TlsFiles.PemIdentity(certificate, key, null)));
    }

    private InetSocketAddress address() {
        int colon = listen.lastIndexOf(':');
        if (colon > 0) {
            String host = listen.substring(0, colon).replaceAll("^\\[|]$", "");
            int port = port(listen.substring(colon + 1));
            if (port >= 0) {
                try {
                    return new InetSocketAddress(InetAddress.getAllByName(host)[0], port);
                } catch (UnknownHostException e) {
                    return InetSocketAddress.createUnresolved(host, port);
                }
            }
        }
        throw new BadInputException(
                "LISTEN_UNKNOWN",
                "is no address with a port",
                "--listen " + listen,
                "Write it as 127.0.0.1:9100 or [::1]:9100.");
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port >= 0 && port <= HIGHEST_PORT ? port : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static Secret token(Path file) {
        try {
            String token = Files.readString(file).strip();
            if (!token.isEmpty() && token.chars().allMatch(c -> c > ' ' && c < 127)) {
                return Secret.of(token);
            }
        } catch (IOException e) {
            throw unusable(file, "can't be read");
        }
        throw unusable(file, "does not hold a token of printable ASCII characters without blanks");
    }

    private static BadInputException unusable(Path file, String problem) {
        return new BadInputException(
                "LISTEN_TOKEN",
                problem,
                "--http-token-file " + file,
                "Put the token, and nothing else, into that file.");
    }
}
