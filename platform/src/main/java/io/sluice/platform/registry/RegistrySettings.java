package io.sluice.platform.registry;

import io.sluice.platform.error.BadInputException;
import io.sluice.platform.tls.TlsFiles;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where the registry is and how long we are patient with it. Prints no secret.
 *
 * @param urls of servers that share their data, in the order of preference; without credentials in them
 * @param tls null for the JDK's defaults
 */
public record RegistrySettings(
        List<URI> urls,
        RegistryCredentials credentials,
        @Nullable TlsFiles tls,
        Patience patience,
        int maxCachedSchemas,
        int maxAnswerBytes) {

    public RegistrySettings {
        urls = urls.stream().map(RegistrySettings::withoutTrailingSlash).toList();
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("a registry needs an address");
        }
        for (URI url : urls) {
            if (url.getRawUserInfo() != null) {
                throw new IllegalArgumentException("credentials don't belong in a registry's address");
            }
        }
    }

    /**
     * @param requestTimeout for one answer, from connecting to its last byte
     * @param rounds how often every server is tried before we give up
     * @param firstBackoff the longest wait after the first round; it doubles with each, up to {@code maxBackoff}
     */
    public record Patience(
            Duration connectTimeout, Duration requestTimeout, int rounds, Duration firstBackoff, Duration maxBackoff) {

        public Patience {
            if (rounds < 1) {
                throw new IllegalArgumentException("rounds start at 1");
            }
        }

        public static Patience standard() {
            return new Patience(
                    Duration.ofSeconds(5), Duration.ofSeconds(10), 5, Duration.ofMillis(200), Duration.ofSeconds(3));
        }
    }

    /**
     * @param addresses one URL, or several between commas; user and password in a URL become basic credentials
     * @throws BadInputException if one of them is no http or https URL; it isn't quoted, for it may hold a password
     */
    public static RegistrySettings of(String addresses) {
        List<URI> urls = new ArrayList<>();
        RegistryCredentials credentials = RegistryCredentials.none();
        for (String address : addresses.split(",", -1)) {
            URI url = parse(address.trim(), urls.size() + 1);
            String userInfo = url.getUserInfo();
            if (userInfo != null) {
                String[] parts = userInfo.split(":", 2);
                if (parts[0].isEmpty()) {
                    throw invalid(urls.size() + 1, "has a password without a user");
                }
                credentials = new RegistryCredentials.Basic(parts[0], parts.length == 2 ? parts[1] : "");
            }
            urls.add(withoutUserInfo(url));
        }
        return new RegistrySettings(urls, credentials, null, Patience.standard(), 10_000, 16 << 20);
    }

    private static URI parse(String address, int number) {
        URI url;
        try {
            url = new URI(address);
        } catch (URISyntaxException e) {
            throw invalid(number, "is no URL: " + e.getReason());
        }
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw invalid(number, "does not start with http:// or https://");
        }
        if (url.getHost() == null) {
            throw invalid(number, "names no host");
        }
        if (url.getRawQuery() != null || url.getRawFragment() != null) {
            throw invalid(number, "has a query or fragment, which a registry's address can't have");
        }
        return url;
    }

    private static BadInputException invalid(int number, String what) {
        return new BadInputException(
                "REGISTRY_URL_INVALID",
                "address " + number + " of the schema registry " + what,
                null,
                "Write it as http://host:port or https://host:port/path.");
    }

    private static URI withoutUserInfo(URI url) {
        String text = url.toString();
        String authority = url.getRawAuthority();
        int at = authority.lastIndexOf('@');
        return at < 0 ? url : URI.create(text.replaceFirst("//[^/]*", "//" + authority.substring(at + 1)));
    }

    private static URI withoutTrailingSlash(URI url) {
        String text = url.toString();
        return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : url;
    }

    public RegistrySettings withCredentials(RegistryCredentials who) {
        return new RegistrySettings(urls, who, tls, patience, maxCachedSchemas, maxAnswerBytes);
    }

    public RegistrySettings withTls(TlsFiles options) {
        return new RegistrySettings(urls, credentials, options, patience, maxCachedSchemas, maxAnswerBytes);
    }

    public RegistrySettings withPatience(Patience how) {
        return new RegistrySettings(urls, credentials, tls, how, maxCachedSchemas, maxAnswerBytes);
    }

    public RegistrySettings withMaxCachedSchemas(int count) {
        return new RegistrySettings(urls, credentials, tls, patience, count, maxAnswerBytes);
    }

    public RegistrySettings withMaxAnswerBytes(int bytes) {
        return new RegistrySettings(urls, credentials, tls, patience, maxCachedSchemas, bytes);
    }
}
