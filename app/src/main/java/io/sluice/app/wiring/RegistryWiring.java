package io.sluice.app.wiring;

import io.sluice.platform.registry.RegistryCredentials;
import io.sluice.platform.registry.RegistrySettings;
import io.sluice.platform.tls.TlsFiles;
import io.sluice.schemas.pipeline.RegistrySpec;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.TlsSpec;
import java.net.URI;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The registry as the pipeline file says it, in the terms of its client. */
final class RegistryWiring {

    private RegistryWiring() {}

    static RegistrySettings settings(RegistrySpec spec) {
        RegistrySettings settings =
                RegistrySettings.of(spec.urls().stream().map(URI::toString).collect(Collectors.joining(",")));
        if (spec.auth() instanceof RegistrySpec.Auth.Basic basic) {
            settings = settings.withCredentials(
                    new RegistryCredentials.Basic(basic.user(), basic.password().reveal()));
        } else if (spec.auth() instanceof RegistrySpec.Auth.Bearer bearer) {
            settings = settings.withCredentials(
                    new RegistryCredentials.Bearer(bearer.token().reveal()));
        }
        TlsFiles tls = tls(spec.tls());
        return tls == null ? settings : settings.withTls(tls);
    }

    private static @Nullable TlsFiles tls(TlsSpec tls) {
        TlsFiles.Trust trust =
                tls.ca().map(ca -> new TlsFiles.PemAuthorities(Path.of(ca))).orElse(null);
        TlsFiles.Identity identity = tls.cert().isPresent() && tls.key().isPresent()
                ? new TlsFiles.PemIdentity(
                        Path.of(tls.cert().get()),
                        Path.of(tls.key().get()),
                        tls.keyPassword().map(Secret::reveal).orElse(null))
                : null;
        return trust == null && identity == null ? null : new TlsFiles(trust, identity);
    }
}
