package io.sluice.platform.mongo;

import com.mongodb.MongoClientSettings;
import io.sluice.platform.tls.TlsContext;
import io.sluice.platform.tls.TlsFiles;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.TlsSpec;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Encryption as the pipeline file asks for it, in the driver's terms. */
final class MongoTls {

    private MongoTls() {}

    static void apply(TlsSpec tls, MongoClientSettings.Builder settings) {
        boolean files = tls.ca().isPresent() || tls.cert().isPresent();
        if (tls.mode().isEmpty() && !files) {
            return;
        }
        TlsSpec.Mode mode = tls.mode().orElse(TlsSpec.Mode.VERIFY_FULL);
        settings.applyToSslSettings(ssl -> {
            ssl.enabled(mode != TlsSpec.Mode.DISABLE);
            if (mode == TlsSpec.Mode.REQUIRE || mode == TlsSpec.Mode.VERIFY_CA) {
                ssl.invalidHostNameAllowed(true);
            }
            if (mode == TlsSpec.Mode.REQUIRE && tls.ca().isEmpty()) {
                ssl.context(unproven());
            } else if (files && mode != TlsSpec.Mode.DISABLE) {
                ssl.context(TlsContext.of(files(tls)));
            }
        });
    }

    private static TlsFiles files(TlsSpec tls) {
        TlsFiles.@Nullable Trust trust =
                tls.ca().map(ca -> new TlsFiles.PemAuthorities(Path.of(ca))).orElse(null);
        TlsFiles.@Nullable Identity identity =
                tls.cert().isPresent() && tls.key().isPresent()
                        ? new TlsFiles.PemIdentity(
                                Path.of(tls.cert().get()),
                                Path.of(tls.key().get()),
                                tls.keyPassword().map(Secret::reveal).orElse(null))
                        : null;
        return new TlsFiles(trust, identity);
    }

    /** What `require` means: encrypted, whoever the server may be. */
    private static SSLContext unproven() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TakesAnyServer()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has TLS", e);
        }
    }

    private static final class TakesAnyServer extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
