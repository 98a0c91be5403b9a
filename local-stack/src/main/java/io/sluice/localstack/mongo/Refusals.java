package io.sluice.localstack.mongo;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Refuses what the stand-in can't do, where it would otherwise be ignored or fail obscurely. */
final class Refusals {

    private static final Set<String> SESSIONS = Set.of("committransaction", "aborttransaction", "startsession");
    private static final Set<String> CREATE_OPTIONS =
            Set.of("viewOn", "timeseries", "expireAfterSeconds", "clusteredIndex");

    private Refusals() {}

    static MongoServerError notImplemented(String what) {
        return new MongoServerError(
                238, "NotImplemented", "This stand-in for MongoDB has no " + what + "; use a real mongod for it.");
    }

    static void check(String name, Document command) {
        if (command.containsKey("txnNumber") || SESSIONS.contains(name.toLowerCase(Locale.ROOT))) {
            throw notImplemented("sessions, retryable writes and transactions");
        }
        switch (name.toLowerCase(Locale.ROOT)) {
            case "update" -> {
                Bson.documents(command, "updates").forEach(update -> refusePipeline(update.get("u")));
            }
            case "findandmodify" -> refusePipeline(command.get("update"));
            case "aggregate" -> {
                for (Document stage : Bson.documents(command, "pipeline")) {
                    if (stage.containsKey("$out")) {
                        throw notImplemented("$out");
                    }
                }
            }
            case "create" ->
                CREATE_OPTIONS.stream().filter(command::containsKey).forEach(option -> {
                    throw notImplemented(option);
                });
            default -> {}
        }
    }

    private static void refusePipeline(@Nullable Object update) {
        if (update instanceof List<?>) {
            throw notImplemented("updates by an aggregation pipeline");
        }
    }
}
