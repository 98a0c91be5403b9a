package io.sluice.source.mongo;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import io.sluice.platform.mongo.CommandCursor;
import io.sluice.platform.mongo.MongoCatalog;
import io.sluice.platform.mongo.MongoDeployment;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonTimestamp;

/** Finds, all at once and before anything is stored, what would keep a source from being captured. */
final class MongoCheck {

    private static final int UNAUTHORIZED = 13;

    private final MongoContext context;
    private final List<Finding> findings = new ArrayList<>();

    MongoCheck(MongoContext context) {
        this.context = context;
    }

    List<Finding> run() {
        try (MongoClient client = context.connector().open()) {
            return run(client);
        }
    }

    List<Finding> run(MongoClient client) {
        if (context.connector().isLoadBalanced()) {
            error(
                    address(),
                    "a load balancer stands between us and the cluster, and may send each command to another server",
                    "Name the members of the replica set, or the routers, in the URI and leave out loadBalanced.");
            return findings;
        }
        MongoDeployment deployment = MongoDeployment.read(client);
        if (!deployment.isNewEnough()) {
            error(
                    address(),
                    "MongoDB " + deployment.versionText()
                            + " is too old: it can't read a snapshot and say of when it is",
                    "Use version " + MongoDeployment.LEAST_MAJOR + ".0 or newer.");
        }
        if (!deployment.isReplicated()) {
            error(
                    address(),
                    "the server belongs to no replica set, so it keeps no history of changes",
                    "Make it a replica set of one member: start it with --replSet and run rs.initiate().");
        }
        if (!findings.isEmpty()) {
            return findings;
        }
        BsonTimestamp now = deployment.operationTime();
        for (TableId table : context.tables().all()) {
            checkCollection(client, deployment, table, now == null ? 0 : ClusterTime.of(now));
        }
        if (findings.stream().noneMatch(Finding::isError)) {
            checkStream(client, deployment, now == null ? 0 : ClusterTime.of(now));
        }
        return findings;
    }

    private void checkCollection(MongoClient client, MongoDeployment deployment, TableId table, long now) {
        String place = "collection " + table;
        Optional<MongoCatalog.Found> found;
        try {
            found = new MongoCatalog(client).find(table.schema(), table.table());
        } catch (MongoCommandException e) {
            refused(e, place, table.schema());
            return;
        }
        if (found.isEmpty()) {
            error(
                    place,
                    "there is no such collection",
                    "Correct the pipeline file, names are case-sensitive; or create it: db.createCollection(…).");
            return;
        }
        MongoCatalog.Found collection = found.get();
        if (!collection.isPlain()) {
            error(
                    place,
                    "it is a " + collection.type() + ", which has no changes of its own",
                    "Capture the collection behind it.");
        } else if (collection.capped()) {
            error(
                    place,
                    "it is capped, so its documents can't be read as of one time",
                    "Leave it out, or convert it to a plain collection.");
        } else {
            checkReading(client, place, table, now);
            if (!collection.images()) {
                findings.add(new Finding(
                        Finding.Severity.INFO,
                        place,
                        "it keeps no images, so an update shows the document as of the end of its batch, and nothing shows"
                                + " what was before",
                        deployment.keepsImages()
                                ? "Where each version matters: db.runCommand({collMod: \"" + table.table()
                                        + "\", changeStreamPreAndPostImages: {enabled: true}})."
                                : "Where each version matters use MongoDB 6.0 or newer."));
            }
        }
    }

    private void checkReading(MongoClient client, String place, TableId table, long now) {
        BsonDocument command = new BsonDocument("find", new BsonString(table.table()))
                .append("limit", new BsonInt32(1))
                .append("projection", new BsonDocument("_id", new BsonInt32(1)))
                .append("readConcern", Snapshots.concern(null, now));
        try (CommandCursor cursor = CommandCursor.open(client, table.schema(), command)) {
            Snapshots.readAt(cursor.last(), now, place);
        } catch (MongoCommandException e) {
            refused(e, place, table.schema());
        }
    }

    private void checkStream(MongoClient client, MongoDeployment deployment, long now) {
        StreamRequest request = new StreamRequest(context.tables().all(), deployment);
        MongoOffset start = new MongoOffset(null, now, 0, 0);
        try (CommandCursor cursor = CommandCursor.open(client, request.database(), request.command(start))) {
            if (!cursor.isOpen()) {
                throw new IllegalStateException("a change stream that ends at once");
            }
        } catch (MongoCommandException e) {
            boolean several = request.database().equals("admin");
            refused(
                    e,
                    several ? "all databases" : "database " + request.database(),
                    several ? "*" : request.database());
        }
    }

    private void refused(MongoCommandException e, String place, String database) {
        if (e.getCode() != UNAUTHORIZED) {
            throw e;
        }
        error(
                place,
                "our user " + context.connector().user() + " may not read it or its changes",
                "db.grantRolesToUser(\"" + context.connector().user() + "\", [" + role(database) + "])");
    }

    /** What reads a database and its changes; {@code *} for all of them, where one stream is to tell of several. */
    static String role(String database) {
        return database.equals("*")
                ? "{role: \"readAnyDatabase\", db: \"admin\"}"
                : "{role: \"read\", db: \"" + database + "\"}";
    }

    private String address() {
        return context.connector().address();
    }

    private void error(String place, String problem, String remedy) {
        findings.add(Finding.error(place, problem, remedy));
    }

    static boolean isUnauthorized(MongoException e) {
        return e.getCode() == UNAUTHORIZED;
    }
}
