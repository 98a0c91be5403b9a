package io.sluice.platform.registry;

import static io.sluice.platform.registry.SchemaRegistryContract.ID_ONLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.registry.LocalRegistry;
import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.registry.RegistrySettings.Patience;
import io.sluice.platform.tls.TestKeys;
import io.sluice.platform.tls.TlsFiles;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTlsIT {

    private static final String PASSWORD = TestKeys.PASSWORD;

    @TempDir
    static Path folder;

    private static TestKeys keys;
    private static LocalRegistry registry;
    private static FaultyFront front;
    private static FaultyFront strictFront;

    @BeforeAll
    static void start() throws Exception {
        registry = LocalRegistry.startTemporary();
        keys = new TestKeys(folder);
        keys.make("server", "RSA", "san=ip:127.0.0.1");
        keys.make("client", "EC", "san=dns:client");
        SSLContext context = serverContext();
        front = FaultyFront.overTls(registry.url(), context, false);
        strictFront = FaultyFront.overTls(registry.url(), context, true);
    }

    @AfterAll
    static void stop() throws Exception {
        strictFront.close();
        front.close();
        registry.close();
    }

    /** The JDK's own class can read this structure, but some releases can't make it for PBES2. */
    private static byte[] encryptedPrivateKeyInfo(byte[] parameters, byte[] encrypted) {
        byte[] pbes2 = {0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x05, 0x0d};
        byte[] content = Arrays.copyOfRange(parameters, 2, parameters.length);
        boolean named = Arrays.equals(content, 0, pbes2.length, pbes2, 0, pbes2.length);
        byte[] algorithm = named ? parameters : der(0x30, pbes2, parameters);
        return der(0x30, algorithm, der(0x04, encrypted));
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        if (content.size() >= 128) {
            element.write(0x82);
            element.write(content.size() >>> 8);
        }
        element.write(content.size());
        element.writeBytes(content.toByteArray());
        return element.toByteArray();
    }

    private static SSLContext serverContext() throws Exception {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys.store("server"), PASSWORD.toCharArray());
        KeyStore clients = KeyStore.getInstance("PKCS12");
        clients.load(null, null);
        clients.setCertificateEntry("client", keys.store("client").getCertificate("client"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(clients);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static SchemaRegistryClient client(FaultyFront server, @Nullable TlsFiles tls) {
        RegistrySettings settings = RegistrySettings.of(server.url())
                .withPatience(new Patience(
                        Duration.ofSeconds(5), Duration.ofSeconds(5), 2, Duration.ofMillis(10), Duration.ofMillis(10)));
        return SchemaRegistryClient.open(tls == null ? settings : settings.withTls(tls));
    }

    private static void works(FaultyFront server, TlsFiles tls) {
        try (SchemaRegistryClient client = client(server, tls)) {
            assertThat(client.register("s", ID_ONLY)).isEqualTo(1);
        }
    }

    private static TlsFiles.StoreFile storeFile(String name) {
        return new TlsFiles.StoreFile(folder.resolve(name + ".p12"), "PKCS12", PASSWORD);
    }

    private static TlsFiles.PemAuthorities serverPem() {
        return new TlsFiles.PemAuthorities(folder.resolve("server.pem"));
    }

    @Test
    void aServerIsTrustedByPemOrStore() throws Exception {
        works(front, new TlsFiles(serverPem(), null));
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry("server", keys.store("server").getCertificate("server"));
        try (OutputStream out = Files.newOutputStream(folder.resolve("trust.p12"))) {
            trust.store(out, PASSWORD.toCharArray());
        }
        works(front, new TlsFiles(storeFile("trust"), null));
    }

    @Test
    void aServerThatNobodyVouchesForIsRefused() {
        try (SchemaRegistryClient client = client(front, null)) {
            assertThatThrownBy(() -> client.level())
                    .isInstanceOf(EnvironmentException.class)
                    .hasMessageContainingAll("REGISTRY_UNAVAILABLE", "certification path");
        }
        TlsFiles other = new TlsFiles(new TlsFiles.PemAuthorities(folder.resolve("client.pem")), null);
        try (SchemaRegistryClient client = client(front, other)) {
            assertThatThrownBy(() -> client.level()).isInstanceOf(EnvironmentException.class);
        }
    }

    @Test
    void weAreKnownByAStoreAPemKeyOrAnEncryptedPemKey() throws Exception {
        Path chain = folder.resolve("client.pem");
        String algorithm = "PBEWithHmacSHA256AndAES_256";
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(PASSWORD.toCharArray())));
        byte[] encrypted = encryptedPrivateKeyInfo(
                cipher.getParameters().getEncoded(),
                cipher.doFinal(keys.privateKey("client").getEncoded()));
        Path encryptedKey =
                Files.writeString(folder.resolve("client.enc.key"), TestKeys.pem("ENCRYPTED PRIVATE KEY", encrypted));

        works(strictFront, new TlsFiles(serverPem(), storeFile("client")));
        works(
                strictFront,
                new TlsFiles(serverPem(), new TlsFiles.PemIdentity(chain, folder.resolve("client.key"), null)));
        works(strictFront, new TlsFiles(serverPem(), new TlsFiles.PemIdentity(chain, encryptedKey, PASSWORD)));
        isRefused(
                new TlsFiles(serverPem(), new TlsFiles.PemIdentity(chain, encryptedKey, "other-hidden")), "decrypted");

        try (SchemaRegistryClient unknown = client(strictFront, new TlsFiles(serverPem(), null))) {
            assertThatThrownBy(() -> unknown.level()).isInstanceOf(EnvironmentException.class);
        }
    }

    @Test
    void filesThatAreNotWhatTheyShouldBeAreBadInputAndNamed() throws Exception {
        Path junk = Files.writeString(folder.resolve("junk"), "junk");
        Path oldKey = Files.writeString(folder.resolve("old.key"), TestKeys.pem("RSA PRIVATE KEY", new byte[] {1}));
        Path chain = folder.resolve("client.pem");

        isRefused(new TlsFiles(new TlsFiles.PemAuthorities(folder.resolve("none")), null), "none: can't be read");
        isRefused(new TlsFiles(new TlsFiles.PemAuthorities(junk), null), "junk");
        isRefused(new TlsFiles(new TlsFiles.StoreFile(junk, "PKCS12", "hidden"), null), "junk");
        isRefused(
                new TlsFiles(new TlsFiles.StoreFile(folder.resolve("client.p12"), "PKCS12", "hidden"), null),
                "client.p12");
        isRefused(new TlsFiles(null, new TlsFiles.PemIdentity(chain, junk, null)), "no private key");
        isRefused(new TlsFiles(null, new TlsFiles.PemIdentity(chain, oldKey, null)), "openssl pkcs8 -topk8");
    }

    private static void isRefused(TlsFiles tls, String word) {
        assertThatThrownBy(() -> client(front, tls))
                .isInstanceOf(BadInputException.class)
                .hasMessageContainingAll("TLS_INVALID", word)
                .hasMessageNotContaining("hidden");
    }
}
