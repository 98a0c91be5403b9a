package io.sluice.platform.tls;

import io.sluice.platform.error.BadInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Reads the files that {@link TlsFiles} names. */
public final class TlsContext {

    private static final Pattern PEM_BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    private TlsContext() {}

    /** @throws BadInputException if a file can't be read or isn't what it should be */
    public static SSLContext of(TlsFiles tls) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers(tls.identity()), trustManagers(tls.trust()), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw invalid(null, "TLS can't be set up: " + e.getMessage());
        }
    }

    private static TrustManager @Nullable [] trustManagers(TlsFiles.@Nullable Trust trust)
            throws GeneralSecurityException {
        if (trust == null) {
            return null;
        }
        if (trust instanceof TlsFiles.Anyone) {
            return new TrustManager[] {new AnyoneTrusted()};
        }
        KeyStore store;
        if (trust instanceof TlsFiles.StoreFile file) {
            store = load(file);
        } else {
            Path path = ((TlsFiles.PemAuthorities) trust).path();
            store = empty();
            int number = 0;
            for (Certificate certificate : certificates(path)) {
                store.setCertificateEntry("authority-" + number++, certificate);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager @Nullable [] keyManagers(TlsFiles.@Nullable Identity identity)
            throws GeneralSecurityException {
        if (identity == null) {
            return null;
        }
        KeyStore store;
        char[] password;
        if (identity instanceof TlsFiles.StoreFile file) {
            store = load(file);
            password = chars(file.password());
        } else {
            TlsFiles.PemIdentity pem = (TlsFiles.PemIdentity) identity;
            store = empty();
            password = new char[0];
            Collection<? extends Certificate> chain = certificates(pem.certificateChain());
            store.setKeyEntry(
                    "identity",
                    privateKey(pem.privateKey(), chars(pem.password())),
                    password,
                    chain.toArray(Certificate[]::new));
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        try {
            factory.init(store, password);
        } catch (GeneralSecurityException e) {
            throw invalid(null, "the client key can't be opened with the password given");
        }
        return factory.getKeyManagers();
    }

    private static KeyStore empty() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new IllegalStateException("an empty key store can't be made", e);
        }
        return store;
    }

    private static KeyStore load(TlsFiles.StoreFile file) throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(file.type());
        try (InputStream in = Files.newInputStream(file.path())) {
            store.load(in, file.password() == null ? null : chars(file.password()));
        } catch (IOException e) {
            throw invalid(file.path(), "not readable as a " + file.type() + " store with the password given");
        }
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path path) {
        try {
            byte[] bytes = read(path).getBytes(StandardCharsets.ISO_8859_1);
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes));
            if (!certificates.isEmpty()) {
                return certificates;
            }
        } catch (GeneralSecurityException e) {
            throw invalid(path, "holds something that is no X.509 certificate in PEM");
        }
        throw invalid(path, "holds no certificate");
    }

    private static PrivateKey privateKey(Path path, char[] password) {
        Matcher block = PEM_BLOCK.matcher(read(path));
        while (block.find()) {
            byte[] der = Base64.getMimeDecoder().decode(block.group(2));
            String kind = block.group(1);
            if (kind.equals("PRIVATE KEY")) {
                return privateKey(path, new PKCS8EncodedKeySpec(der));
            }
            if (kind.equals("ENCRYPTED PRIVATE KEY")) {
                return privateKey(path, decrypted(path, der, password));
            }
            if (kind.endsWith(" PRIVATE KEY")) {
                throw invalid(path, "is not PKCS#8; convert it with `openssl pkcs8 -topk8`");
            }
        }
        throw invalid(path, "holds no private key in PEM");
    }

    private static PKCS8EncodedKeySpec decrypted(Path path, byte[] der, char[] password) {
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
            // "PBES2", as JDK 17 calls it, names no cipher; its parameters print as the one that does.
            String algorithm =
                    info.getAlgName().equals("PBES2") ? info.getAlgParameters().toString() : info.getAlgName();
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password)),
                    info.getAlgParameters());
            return info.getKeySpec(cipher);
        } catch (IOException | GeneralSecurityException e) {
            throw invalid(path, "can't be decrypted with the password given");
        }
    }

    private static PrivateKey privateKey(Path path, PKCS8EncodedKeySpec spec) {
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // A key doesn't say what it is; the next algorithm may fit.
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the JDK lacks the key algorithm " + algorithm, e);
            }
        }
        throw invalid(path, "holds a key that is none of RSA, EC and EdDSA");
    }

    private static String read(Path path) {
        try {
            return Files.readString(path, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw invalid(path, "can't be read");
        }
    }

    private static char[] chars(@Nullable String password) {
        return password == null ? new char[0] : password.toCharArray();
    }

    private static BadInputException invalid(@Nullable Path path, String problem) {
        return new BadInputException(
                "TLS_INVALID",
                problem,
                path == null ? null : path.toString(),
                "Check the TLS files and passwords that the pipeline file names.");
    }
}
