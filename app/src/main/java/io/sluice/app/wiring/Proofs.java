package io.sluice.app.wiring;

import io.sluice.control.proof.AppliedThrough;
import io.sluice.control.proof.AppliedThrough.SourceMark;
import io.sluice.control.proof.AppliedThrough.TargetLedger;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.source.engine.PostgresSource;
import io.sluice.source.engine.SourceProgress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Asks databases what the proof of having applied everything needs to know. Sees the stages only from outside. */
final class Proofs {

    private static final String PASSED =
            "SELECT confirmed_flush_lsn >= '0/0'::pg_lsn + ?::numeric FROM pg_replication_slots WHERE slot_name = ?";
    // While a load is under way, rows that it will not see stand in the target still: nothing of the topic is applied
    // whole.
    private static final String POSITIONS =
            "SELECT a.partition, CASE WHEN EXISTS (SELECT FROM sluice.load l WHERE l.pipeline = a.pipeline "
                    + "AND l.service = a.service AND l.topic_id = a.topic_id AND l.state IN ('recording', 'sweeping')) "
                    + "THEN 0 ELSE a.position END "
                    + "FROM sluice.applied a WHERE a.pipeline = ? AND a.service = ? AND a.topic = ?";

    private Proofs() {}

    /** @param captured the sources that are to be waited for */
    static AppliedThrough appliedThrough(
            Pipeline pipeline, KafkaConnection kafka, Map<SourceSpec, PostgresSource> captured) {
        Map<String, SourceMark> sources = new HashMap<>();
        captured.forEach((spec, source) -> {
            PostgresConnector connector = PostgresConnector.of(spec.connection(), "sluice-proof-" + pipeline.name());
            sources.put(spec.name(), () -> mark(connector, source));
        });
        return new AppliedThrough(pipeline, kafka, sources, ledgers(pipeline));
    }

    /** What the targets have applied. */
    static Map<String, TargetLedger> ledgers(Pipeline pipeline) {
        Map<String, TargetLedger> targets = new HashMap<>();
        for (ServiceSpec service : pipeline.services()) {
            PostgresConnector connector =
                    PostgresConnector.of(service.target().connection(), "sluice-proof-" + pipeline.name());
            targets.put(service.name(), topic -> positions(connector, pipeline.name(), service.name(), topic));
        }
        return targets;
    }

    /**
     * The slot moves only to what Kafka has committed; so once it has passed the mark, all before the mark is published. Except
     * what the first load still has to read: a slot made after the mark has passed it from the beginning.
     */
    private static BooleanSupplier mark(PostgresConnector connector, PostgresSource source) {
        String position = Long.toUnsignedString(source.mark());
        return () -> isLoaded(source) && hasPassed(connector, source.slot(), position);
    }

    private static boolean isLoaded(PostgresSource source) {
        return source.progress().tables().stream().allMatch(table -> table.state() == SourceProgress.State.STREAMING);
    }

    /** Whether everything before this position of the log is published. */
    static boolean hasPassed(PostgresConnector connector, String slot, String position) {
        try (Connection connection = connector.open();
                PreparedStatement statement = connection.prepareStatement(PASSED)) {
            statement.setString(1, position);
            statement.setString(2, slot);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
    }

    private static Map<Integer, Long> positions(
            PostgresConnector connector, String pipeline, String service, String topic) {
        Map<Integer, Long> positions = new HashMap<>();
        try (Connection connection = connector.open();
                PreparedStatement statement = connection.prepareStatement(POSITIONS)) {
            statement.setString(1, pipeline);
            statement.setString(2, service);
            statement.setString(3, topic);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    positions.put(rows.getInt(1), rows.getLong(2));
                }
            }
        } catch (SQLException e) {
            throw connector.unreachable(e);
        }
        return positions;
    }
}
