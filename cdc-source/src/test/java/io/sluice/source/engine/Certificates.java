package io.sluice.source.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority of the test's own, and what it certifies, as PEM files in a folder. */
final class Certificates {

    private static final String PASSWORD = "store-pass";

    private final Path folder;
    private final String authority;

    Certificates(Path folder, String authority) throws Exception {
        this.folder = folder;
        this.authority = authority;
        pair(authority, "CN=" + authority, List.of("-ext", "bc:c"));
    }

    /** The authority's own certificate. */
    Path ca() {
        return folder.resolve(authority + ".pem");
    }

    Path certificate(String name) {
        return folder.resolve(name + ".pem");
    }

    Path key(String name) {
        return folder.resolve(name + "-key.pem");
    }

    /** Certifies a new key: {@code name.pem} and {@code name-key.pem}. */
    void issue(String name, String subject, String... extensions) throws Exception {
        List<String> more = new ArrayList<>();
        for (String extension : extensions) {
            more.addAll(List.of("-ext", extension));
        }
        pair(name, subject, more);
        Path request = folder.resolve(name + ".csr");
        keytool(
                "-certreq",
                "-alias",
                name,
                "-keystore",
                store(name),
                "-storepass",
                PASSWORD,
                "-file",
                request.toString());
        List<String> sign = new ArrayList<>(List.of(
                "-gencert",
                "-alias",
                authority,
                "-keystore",
                store(authority),
                "-storepass",
                PASSWORD,
                "-rfc",
                "-infile",
                request.toString(),
                "-outfile",
                certificate(name).toString()));
        sign.addAll(more);
        keytool(sign.toArray(String[]::new));
    }

    private void pair(String name, String subject, List<String> more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                subject,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store(name),
                "-storepass",
                PASSWORD));
        arguments.addAll(more);
        keytool(arguments.toArray(String[]::new));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(store(name)))) {
            keys.load(in, PASSWORD.toCharArray());
        }
        pem(certificate(name), "CERTIFICATE", keys.getCertificate(name).getEncoded());
        pem(key(name), "PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded());
    }

    private String store(String name) {
        return folder.resolve(name + ".p12").toString();
    }

    private static void pem(Path file, String kind, byte[] der) throws Exception {
        Files.writeString(
                file,
                "-----BEGIN " + kind + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind
                        + "-----\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-J-XX:+UseSerialGC"));
        command.addAll(List.of(arguments));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).as(output).isZero();
    }
}
