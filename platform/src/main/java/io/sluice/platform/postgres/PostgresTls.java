package io.sluice.platform.postgres;

import io.sluice.platform.tls.TlsContext;
import io.sluice.platform.tls.TlsFiles;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.SslMode;
import org.postgresql.ssl.WrappedFactory;
import org.postgresql.util.PSQLException;

/**
 * What the pipeline file says of encryption, as the driver takes it: the driver's own reader of keys knows neither PEM files with
 * a password nor elliptic curves, and trusts no authority of the system. Public because the driver makes it by its name.
 */
public final class PostgresTls extends WrappedFactory {

    public PostgresTls(Properties properties) throws PSQLException {
        factory = TlsContext.of(new TlsFiles(trust(properties), identity(properties)))
                .getSocketFactory();
    }

    private static TlsFiles.@Nullable Trust trust(Properties properties) throws PSQLException {
        if (!SslMode.of(properties).verifyCertificate()) {
            return new TlsFiles.Anyone();
        }
        String ca = PGProperty.SSL_ROOT_CERT.getOrDefault(properties);
        return ca == null ? null : new TlsFiles.PemAuthorities(Path.of(ca));
    }

    private static TlsFiles.@Nullable Identity identity(Properties properties) {
        String certificate = PGProperty.SSL_CERT.getOrDefault(properties);
        String key = PGProperty.SSL_KEY.getOrDefault(properties);
        return certificate == null || key == null
                ? null
                : new TlsFiles.PemIdentity(
                        Path.of(certificate), Path.of(key), PGProperty.SSL_PASSWORD.getOrDefault(properties));
    }
}
