package io.sluice.source.engine;

import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.postgres.PostgresServer;
import io.sluice.schemas.model.TableId;
import io.sluice.source.capture.Continuity;
import io.sluice.source.position.SourceFacts;
import io.sluice.source.position.SourceState;
import io.sluice.source.position.StoredOffset;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import org.postgresql.replication.LogSequenceNumber;

/** Compares what is stored with what is there, before a stream goes on: any difference could be a silent gap. */
final class SourceGuard {

    private final SourceContext context;
    private final Continuity continuity;

    SourceGuard(SourceContext context) {
        this.context = context;
        this.continuity = new Continuity(context.source().name());
    }

    void checkTopics(Map<String, String> storedIds, Map<String, TopicFacts> topics) {
        continuity.checkTopics(storedIds, topics);
    }

    StoredOffset offset(SourceState stored) {
        return continuity.offset(stored.offset(), context.state().topic());
    }

    HaltException chunkLost(TableId table) {
        return new HaltException(
                "SOURCE_STATE_CORRUPT",
                "the state topic lacks the keys of a range of rows that was read beside the stream",
                "table " + table,
                "If nobody wrote there by hand, start a new epoch with " + context.newEpochCommand() + ".");
    }

    HaltException forgotten() {
        return new HaltException(
                "OFFSET_LOST",
                "slot " + context.slotName() + " exists, but the state topic does not know it",
                context.place(),
                "If the topics were deleted on purpose, start a new epoch with " + context.newEpochCommand()
                        + "; otherwise find out who else uses this slot.");
    }

    /** @return the facts, on the server's timeline of today */
    SourceFacts checkServer(SourceFacts facts, PostgresServer server, StoredOffset offset, Connection replication)
            throws SQLException {
        if (!facts.systemId().equals(server.systemId())) {
            throw new HaltException(
                    "SOURCE_REPLACED",
                    "this is another database cluster than the one that was captured so far",
                    context.connector().address(),
                    "Point the pipeline file back at it, or start a new epoch with " + context.newEpochCommand() + ".");
        }
        if (facts.timeline() == server.timeline()) {
            return facts;
        }
        Optional<Long> left = switchPoint(replication, server.timeline(), facts.timeline());
        if (left.isEmpty() || Long.compareUnsigned(left.get(), offset.lsn()) < 0) {
            throw new HaltException(
                    "TIMELINE_DIVERGED",
                    "the server went over to timeline " + server.timeline()
                            + " before the position up to which everything is stored: some of that never happened there",
                    context.connector().address(),
                    "Start a new epoch with " + context.newEpochCommand() + ".");
        }
        return facts.withTimeline(server.timeline());
    }

    /** Where the server's history left that timeline. */
    private static Optional<Long> switchPoint(Connection replication, int now, int left) throws SQLException {
        try (Statement statement = replication.createStatement();
                ResultSet history = statement.executeQuery("TIMELINE_HISTORY " + now)) {
            history.next();
            String text = new String(history.getBytes(2), StandardCharsets.UTF_8);
            for (String line : text.split("\n", -1)) {
                String[] fields = line.trim().split("\\s+", 3);
                if (fields.length >= 2 && fields[0].equals(Integer.toString(left))) {
                    return Optional.of(LogSequenceNumber.valueOf(fields[1]).asLong());
                }
            }
        }
        return Optional.empty();
    }
}
