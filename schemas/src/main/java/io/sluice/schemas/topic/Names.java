package io.sluice.schemas.topic;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Every name that one pipeline uses in Kafka. */
public final class Names {

    /** Kafka's limit. */
    static final int MAX_LENGTH = 249;

    private static final Pattern SIMPLE = Pattern.compile("[a-z][a-z0-9-]*");
    private static final String OWN = "sluice";
    private static final int HASH_BYTES = 10;

    private final String pipeline;

    /** @throws IllegalArgumentException if that is no name of a pipeline */
    public Names(String pipeline) {
        this.pipeline = simple(pipeline);
    }

    public String pipeline() {
        return pipeline;
    }

    /** Changes of one source table, for one service. */
    public String changes(String service, TableId table) {
        return fit(service(service) + "changes." + simple(table.source()) + "." + NamePart.inner(table.schema()) + "."
                + NamePart.last(table.table()));
    }

    /** Changes of all tables of a strong service, in commit order. */
    public String changesInOrder(String service) {
        return fit(service(service) + "changes");
    }

    /** Rows of one target table. A schema other than the default one is set off by {@code --}, which no part contains. */
    public String rows(String service, TargetTable table) {
        String schema = table.schema().equals(TargetTable.DEFAULT_SCHEMA) ? "" : NamePart.inner(table.schema()) + "--";
        return fit(service(service) + "rows." + schema + NamePart.last(table.table()));
    }

    /** Rows of all tables of a strong service, in commit order. */
    public String rowsInOrder(String service) {
        return fit(service(service) + "rows");
    }

    public String deadLetters(String service) {
        return fit(service(service) + "dead-letters");
    }

    /** Offsets and facts of one source: what its capture must find again after a restart. */
    public String sourceState(String source) {
        return fit(pipeline + "." + OWN + ".source." + simple(source));
    }

    /** What operators ask of the sources. */
    public String sourceRequests() {
        return fit(pipeline + "." + OWN + ".requests");
    }

    /** What each target table's mapping did when it was last begun. */
    public String mappings() {
        return fit(pipeline + "." + OWN + ".mappings");
    }

    /** What operators want: which parts are to pause. */
    public String intents() {
        return fit(pipeline + "." + OWN + ".intents");
    }

    /** What the stages of each process report of themselves. */
    public String progress() {
        return fit(pipeline + "." + OWN + ".progress");
    }

    /** The transactional id that fences a second capture of the same source. */
    public String sourceTransactionalId(String source) {
        return fit(pipeline + "." + OWN + ".source." + simple(source));
    }

    /** The Kafka Streams application of a service, which is also its consumer group. */
    public String transformApplication(String service) {
        return fit(service(service) + "transform");
    }

    /** What operators ask of a service's transform. */
    public String transformRequests(String service) {
        return fit(service(service) + "requests");
    }

    /** The changelog of one of the transform's stores, as Kafka Streams calls it. */
    public String transformState(String service, String store) {
        return transformApplication(service) + "-" + store + "-changelog";
    }

    public String sinkGroup(String service) {
        return fit(service(service) + "sink");
    }

    public static String keySubject(String topic) {
        return topic + "-key";
    }

    public static String valueSubject(String topic) {
        return topic + "-value";
    }

    /** For a topic that holds records of many tables: each kind of record has a subject of its own. */
    public static String recordSubject(String topic, String record) {
        return topic + "-" + record;
    }

    private String service(String service) {
        if (service.equals(OWN)) {
            throw new IllegalArgumentException("the name sluice is reserved");
        }
        return pipeline + "." + simple(service) + ".";
    }

    private static String simple(String name) {
        if (!SIMPLE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a name is a lower-case letter, then letters, digits and -: not " + name);
        }
        return name;
    }

    /** Cuts an over-long name and puts a hash of the whole behind it; {@code -h} occurs in no name that fits. */
    private static String fit(String name) {
        if (name.length() <= MAX_LENGTH) {
            return name;
        }
        String hash = "-h" + HexFormat.of().formatHex(sha256(name), 0, HASH_BYTES);
        return name.substring(0, MAX_LENGTH - hash.length()) + hash;
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
