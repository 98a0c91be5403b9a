package io.sluice.platform.ops;

import io.sluice.platform.error.BadInputException;
import io.sluice.platform.tls.TlsFiles;
import io.sluice.schemas.pipeline.Secret;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where a process answers questions about itself, and to whom.
 *
 * @param token what a caller must show; empty for anybody, which is possible on loopback alone
 * @param identity certificate and key for TLS; empty for plain HTTP, on loopback alone
 */
public record OpsSettings(InetSocketAddress address, Optional<Secret> token, Optional<TlsFiles.PemIdentity> identity) {

    /** @throws BadInputException if others could read along, or read at all */
    public OpsSettings {
        if (address.isUnresolved()) {
            throw new BadInputException(
                    "LISTEN_UNKNOWN",
                    "there is no such address",
                    "--listen " + address.getHostString(),
                    "Name an address of this machine, 127.0.0.1 or 0.0.0.0 for instance.");
        }
        if (!address.getAddress().isLoopbackAddress() && (token.isEmpty() || identity.isEmpty())) {
            throw new BadInputException(
                    "LISTEN_UNSAFE",
                    "other machines could reach it without " + missing(token.isEmpty(), identity.isEmpty()),
                    "--listen " + address.getHostString(),
                    "Give --http-token-file, --http-cert and --http-key as well, or listen on 127.0.0.1.");
        }
    }

    private static String missing(boolean token, boolean tls) {
        return token && tls ? "a token and TLS" : token ? "a token" : "TLS";
    }
}
