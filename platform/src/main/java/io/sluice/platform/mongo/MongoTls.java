package io.sluice.platform.mongo;

import com.mongodb.MongoClientSettings;
import io.sluice.platform.tls.TlsContext;
import io.sluice.platform.tls.TlsFiles;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.TlsSpec;
import java.nio.file.Path;
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
            if (mode == TlsSpec.Mode.REQUIRE || (files && mode != TlsSpec.Mode.DISABLE)) {
                ssl.context(TlsContext.of(files(tls, mode)));
            }
        });
    }

    private static TlsFiles files(TlsSpec tls, TlsSpec.Mode mode) {
        TlsFiles.@Nullable Trust trust = null;
        if (tls.ca().isPresent()) {
            trust = new TlsFiles.PemAuthorities(Path.of(tls.ca().get()));
        } else if (mode == TlsSpec.Mode.REQUIRE) {
            trust = new TlsFiles.Anyone();
        }
        TlsFiles.@Nullable Identity identity =
                tls.cert().isPresent() && tls.key().isPresent()
                        ? new TlsFiles.PemIdentity(
                                Path.of(tls.cert().get()),
                                Path.of(tls.key().get()),
                                tls.keyPassword().map(Secret::reveal).orElse(null))
                        : null;
        return new TlsFiles(trust, identity);
    }
}
