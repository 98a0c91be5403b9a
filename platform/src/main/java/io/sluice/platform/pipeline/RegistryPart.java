package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.ListType;
import io.sluice.platform.config.Located;
import io.sluice.platform.config.ScalarType;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.platform.config.Unreadable;
import io.sluice.platform.config.Word;
import io.sluice.schemas.pipeline.RegistrySpec;
import io.sluice.schemas.pipeline.Secret;
import io.sluice.schemas.pipeline.TlsSpec;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@code registry:} key. */
final class RegistryPart {

    static final Key<List<Located<URI>>> URL = Key.required(
            "url",
            ListType.oneOrMore(ScalarType.interpolated("an http(s) URL", Map.of("type", "string"), RegistryPart::url)
                    .standingIn("http://stand-in/%s")),
            "Where the registry answers; several are tried in order.");
    static final Key<String> USER =
            Key.optional("user", Types.setting("a user"), "no login", "Who logs in, together with `password`.");
    static final Key<Secret> PASSWORD = Key.optional(
            "password",
            Types.secret("a password"),
            "no login",
            "Taken from the environment or a file, never written out.");
    static final Key<Secret> TOKEN = Key.optional(
            "token", Types.secret("a token"), "no login", "A bearer token, instead of `user` and `password`.");
    static final Shape SHAPE = new Shape(
            "registry",
            "The Schema Registry: anything that speaks the Confluent REST API.",
            List.of(URL, USER, PASSWORD, TOKEN, ConnectionPart.TLS_KEY));

    private RegistryPart() {}

    static Optional<RegistrySpec> read(Section section) {
        Optional<String> user = section.get(USER);
        Optional<Secret> password = section.get(PASSWORD);
        Optional<Secret> token = section.get(TOKEN);
        if (section.sets(USER) != section.sets(PASSWORD)) {
            section.problem("a login needs both user and password", "");
        }
        if (section.sets(TOKEN) && (section.sets(USER) || section.sets(PASSWORD))) {
            section.problem(TOKEN, "stands beside user and password", "log in with one or the other");
        }
        RegistrySpec.Auth auth = new RegistrySpec.Auth.None();
        if (user.isPresent() && password.isPresent()) {
            auth = new RegistrySpec.Auth.Basic(user.get(), password.get());
        } else if (token.isPresent()) {
            auth = new RegistrySpec.Auth.Bearer(token.get());
        }
        TlsSpec tls =
                section.get(ConnectionPart.TLS_KEY).map(ConnectionPart::tls).orElse(TlsSpec.AS_THE_URL_SAYS);
        List<URI> urls =
                section.get(URL).orElse(List.of()).stream().map(Located::value).toList();
        if (section.sets(URL) && section.get(URL).equals(Optional.of(List.of()))) {
            section.problem(URL, "names no address", "write at least one");
        }
        return urls.isEmpty() ? Optional.empty() : Optional.of(new RegistrySpec(urls, auth, tls, section.place()));
    }

    private static URI url(Word word) throws Unreadable {
        URI uri;
        try {
            uri = new URI(word.text());
        } catch (URISyntaxException e) {
            throw new Unreadable("is no http(s) URL", "write one like https://registry:8081");
        }
        // The whole authority, for a user part with odd characters is no user part to java.net.URI.
        String authority = String.valueOf(uri.getRawAuthority());
        if (authority.contains("@")) {
            throw new Unreadable("a user or a password stands in the address", "use the keys user and password");
        }
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!http || uri.getHost() == null) {
            throw new Unreadable("is no http(s) URL", "write one like https://registry:8081");
        }
        return uri;
    }
}
