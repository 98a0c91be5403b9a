package io.sluice.platform.pipeline;

import io.sluice.platform.config.Key;
import io.sluice.platform.config.MapType;
import io.sluice.platform.config.NameRule;
import io.sluice.platform.config.Named;
import io.sluice.platform.config.ScalarType;
import io.sluice.platform.config.Section;
import io.sluice.platform.config.Shape;
import io.sluice.platform.config.Types;
import io.sluice.platform.config.Unreadable;
import io.sluice.platform.config.Word;
import io.sluice.schemas.pipeline.KafkaSpec;
import io.sluice.schemas.pipeline.Secret;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The {@code kafka:} key. */
final class KafkaPart {

    private static final Pattern BROKERS = Pattern.compile(
            "([^\\s,:\\[\\]]+|\\[[0-9A-Fa-f:]+\\]):\\d{1,5}(\\s*,\\s*([^\\s,:\\[\\]]+|\\[[0-9A-Fa-f:]+\\]):\\d{1,5})*");
    private static final Pattern PROPERTY = Pattern.compile("(security|sasl|ssl)\\.[a-z.]+");
    private static final Pattern SECRET_PROPERTY = Pattern.compile(".*(password|jaas|secret|keystore\\.key).*");

    /** How a client says who it is. */
    enum Mechanism {
        PLAIN,
        SCRAM_SHA_256,
        SCRAM_SHA_512
    }

    static final Key<String> BOOTSTRAP = Key.required(
            "bootstrap",
            ScalarType.interpolated("a list host:port,host:port", Map.of("type", "string"), KafkaPart::brokers)
                    .standingIn("%s:9092"),
            "Brokers to begin with, `host:port,host:port`.");

    static final Key<Mechanism> MECHANISM = Key.optional(
            "mechanism",
            Types.oneOf(List.of(Mechanism.values())),
            "no login",
            "How the client logs in. Anything else: under `properties`.");
    static final Key<String> USER = Key.optional("user", Types.setting("a user"), "no login", "Who logs in.");
    static final Key<Secret> PASSWORD = Key.optional(
            "password",
            Types.secret("a password"),
            "no login",
            "Taken from the environment or a file, never written out.");
    static final Key<Boolean> TLS = Key.optional(
            "tls",
            Types.bool(),
            "true where `ca` or `identity` is given, else false",
            "Whether connections are encrypted.");
    static final Key<String> CA =
            Key.optional("ca", Types.path(), "the system's", "PEM file of the authorities to trust.");
    static final Key<String> IDENTITY =
            Key.optional("identity", Types.path(), "none", "PEM file with our own private key and certificate chain.");
    static final Key<Secret> KEY_PASSWORD =
            Key.optional("key-password", Types.secret("a password"), "none", "The private key's password.");
    static final Key<List<Named<Word>>> PROPERTIES = Key.optional(
            "properties",
            new MapType<>(
                    NameRule.of(
                            "Kafka property", PROPERTY, "only security.…, sasl.… and ssl.… properties are set here"),
                    ScalarType.interpolated(
                            "a text", Map.of("type", List.of("string", "number", "boolean")), word -> word)),
            "none",
            "Kafka's own client properties, for what the keys above can't say. They win over those.");

    static final Shape SECURITY = new Shape(
            "kafka-security",
            "Encryption and login.",
            List.of(MECHANISM, USER, PASSWORD, TLS, CA, IDENTITY, KEY_PASSWORD, PROPERTIES));
    static final Key<Section> SECURITY_KEY =
            Key.optional("security", SECURITY, "neither encryption nor login", "Encryption and login.");
    static final Shape SHAPE = new Shape("kafka", "The Kafka cluster.", List.of(BOOTSTRAP, SECURITY_KEY));

    private KafkaPart() {}

    static Optional<KafkaSpec> read(Section section) {
        Map<String, Secret> security =
                section.get(SECURITY_KEY).map(KafkaPart::security).orElse(Map.of());
        return section.get(BOOTSTRAP).map(bootstrap -> new KafkaSpec(bootstrap, security, section.place()));
    }

    private static Map<String, Secret> security(Section section) {
        Optional<Mechanism> mechanism = section.get(MECHANISM);
        Optional<String> user = section.get(USER);
        Optional<Secret> password = section.get(PASSWORD);
        boolean login = section.sets(MECHANISM) || section.sets(USER) || section.sets(PASSWORD);
        if (login && !(section.sets(MECHANISM) && section.sets(USER) && section.sets(PASSWORD))) {
            section.problem("a login needs mechanism, user and password", "");
        }
        boolean certificates = section.sets(CA) || section.sets(IDENTITY);
        boolean tls = section.get(TLS).orElse(certificates);
        if (!tls && certificates) {
            section.problem(TLS, "certificates are not used without encryption", "write tls: true");
        }
        if (section.sets(KEY_PASSWORD) && !section.sets(IDENTITY)) {
            section.problem(KEY_PASSWORD, "is a password without a key", "name the key's file under identity");
        }
        Map<String, Secret> properties = new LinkedHashMap<>();
        properties.put("security.protocol", Secret.of((login ? "SASL_" : "") + (tls ? "SSL" : "PLAINTEXT")));
        mechanism.ifPresent(value -> {
            properties.put("sasl.mechanism", Secret.of(value.name().replace('_', '-')));
            properties.put("sasl.jaas.config", jaas(value, user.orElse(""), password.orElse(Secret.of(""))));
        });
        section.get(CA).ifPresent(path -> store(properties, "ssl.truststore", path));
        section.get(IDENTITY).ifPresent(path -> store(properties, "ssl.keystore", path));
        section.get(KEY_PASSWORD).ifPresent(value -> properties.put("ssl.key.password", value));
        section.get(PROPERTIES).orElse(List.of()).forEach(property -> {
            if (SECRET_PROPERTY
                            .matcher(property.name().toLowerCase(Locale.ROOT))
                            .matches()
                    && !property.value().hasReference()) {
                section.problem(
                        PROPERTIES,
                        property.value().place(),
                        property.name() + " is a secret and written out in the file",
                        "take it from ${env:NAME} or ${file:/path}");
            }
            properties.put(property.name(), Secret.of(property.value().text()));
        });
        return properties;
    }

    private static void store(Map<String, Secret> properties, String prefix, String path) {
        properties.put(prefix + ".type", Secret.of("PEM"));
        properties.put(prefix + ".location", Secret.of(path));
    }

    private static Secret jaas(Mechanism mechanism, String user, Secret password) {
        String module = mechanism == Mechanism.PLAIN
                ? "org.apache.kafka.common.security.plain.PlainLoginModule"
                : "org.apache.kafka.common.security.scram.ScramLoginModule";
        return Secret.of(
                module + " required username=" + quoted(user) + " password=" + quoted(password.reveal()) + ";");
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static String brokers(Word word) throws Unreadable {
        word.refuseLong();
        if (!BROKERS.matcher(word.text()).matches()) {
            throw new Unreadable(word.shown() + " is no list of brokers", "write host:port,host:port");
        }
        return word.text().replaceAll("\\s", "");
    }
}
