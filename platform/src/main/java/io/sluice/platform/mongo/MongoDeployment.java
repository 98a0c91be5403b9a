package io.sluice.platform.mongo;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.ReadPreference;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * What kind of server answers.
 *
 * @param set the replica set's name; null of a router, and of a server that belongs to none
 * @param sharded whether a router of a sharded cluster answers
 * @param version major, minor and patch
 * @param operationTime the cluster time now; null of a server that keeps none
 * @param identity what tells this deployment from every other, where we may read it
 */
public record MongoDeployment(
        @Nullable String set,
        boolean sharded,
        List<Integer> version,
        @Nullable BsonTimestamp operationTime,
        @Nullable String identity) {

    /** The oldest whose queries can read a snapshot and say of which time it is. */
    public static final int LEAST_MAJOR = 5;

    private static final int FIRST_WITH_IMAGES = 6;
    private static final int FIRST_WITH_SPLIT = 7;
    private static final int FIRST_PATCH_WITH_SPLIT = 9;

    public MongoDeployment {
        version = List.copyOf(version);
    }

    public static MongoDeployment read(MongoClient client) {
        MongoDatabase admin = client.getDatabase("admin");
        BsonDocument hello = run(admin, "hello");
        boolean sharded = hello.getString("msg", new BsonString("")).getValue().equals("isdbgrid");
        List<Integer> version = run(admin, "buildInfo").getArray("versionArray").stream()
                .map(part -> part.asNumber().intValue())
                .limit(3)
                .toList();
        return new MongoDeployment(
                hello.containsKey("setName") ? hello.getString("setName").getValue() : null,
                sharded,
                version,
                hello.isTimestamp("operationTime") ? hello.getTimestamp("operationTime") : null,
                identity(client, sharded));
    }

    /** The right to ask this is more than we need otherwise; without it collections are told apart by their own ids. */
    private static @Nullable String identity(MongoClient client, boolean sharded) {
        try {
            if (sharded) {
                BsonDocument found = client.getDatabase("config")
                        .getCollection("version", BsonDocument.class)
                        .find()
                        .first();
                return found == null ? null : text(found.get("clusterId"));
            }
            BsonDocument config =
                    run(client.getDatabase("admin"), "replSetGetConfig").getDocument("config");
            return text(config.getDocument("settings").get("replicaSetId"));
        } catch (MongoCommandException | org.bson.BsonInvalidOperationException e) {
            return null;
        } catch (MongoException e) {
            if (e.getCode() > 0) {
                return null;
            }
            throw e;
        }
    }

    private static @Nullable String text(@Nullable BsonValue id) {
        return id != null && id.isObjectId() ? id.asObjectId().getValue().toHexString() : null;
    }

    private static BsonDocument run(MongoDatabase database, String command) {
        return database.runCommand(
                new BsonDocument(command, new BsonInt32(1)), ReadPreference.primary(), BsonDocument.class);
    }

    /** Whether there is a history of changes at all. */
    public boolean isReplicated() {
        return sharded || set != null;
    }

    public boolean isNewEnough() {
        return major() >= LEAST_MAJOR;
    }

    /** Whether collections can keep documents as they were before and after each change. */
    public boolean keepsImages() {
        return major() >= FIRST_WITH_IMAGES;
    }

    /** Whether an event that is larger than a document may be can be had in parts. */
    public boolean splitsLargeEvents() {
        return major() >= FIRST_WITH_SPLIT
                || (major() == FIRST_WITH_IMAGES && version.get(1) == 0 && version.get(2) >= FIRST_PATCH_WITH_SPLIT);
    }

    private int major() {
        return version.get(0);
    }

    public String versionText() {
        return String.join(".", version.stream().map(String::valueOf).toList());
    }
}
