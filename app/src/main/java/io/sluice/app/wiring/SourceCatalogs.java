package io.sluice.app.wiring;

import io.sluice.platform.mongo.DocumentDecoder;
import io.sluice.platform.postgres.ColumnSequence;
import io.sluice.platform.postgres.PostgresCatalog;
import io.sluice.platform.postgres.PostgresConnector;
import io.sluice.platform.postgres.PostgresTable;
import io.sluice.platform.postgres.ReplicaIdentity;
import io.sluice.platform.postgres.SessionSettings;
import io.sluice.platform.postgres.SourceConstraints;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.sink.sql.TableExtras;
import io.sluice.sink.sql.TargetSequences;
import io.sluice.transform.mapping.SourceTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the sources' tables look like: mappings are compiled against it and target tables made from it.
 *
 * @param constraints what they have beside columns and keys
 * @param sequences what gives them their numbers
 * @param unreachable sources that could not be asked, by name; what is known of their tables has to do
 */
record SourceCatalogs(
        List<SourceTable> tables,
        Map<TableId, SourceConstraints> constraints,
        Map<TableId, List<ColumnSequence>> sequences,
        Map<String, Finding> unreachable) {

    static SourceCatalogs read(Pipeline pipeline) {
        List<SourceTable> tables = new ArrayList<>();
        Map<TableId, SourceConstraints> constraints = new HashMap<>();
        Map<TableId, List<ColumnSequence>> sequences = new HashMap<>();
        Map<String, Finding> unreachable = new LinkedHashMap<>();
        for (SourceSpec source : pipeline.sources()) {
            if (source.kind() == SourceSpec.Kind.MONGODB) {
                // What stands in documents no catalog knows: all collections look alike.
                for (TableId id : pipeline.tablesOf(source.name())) {
                    tables.add(new SourceTable(id, new DocumentDecoder(id.table()).schema(), false));
                }
                continue;
            }
            PostgresConnector connector =
                    PostgresConnector.of(source.connection(), "sluice-catalog-" + pipeline.name());
            try (Connection connection = connector.open()) {
                SessionSettings.apply(connection);
                PostgresCatalog catalog = new PostgresCatalog(connection);
                for (TableId id : pipeline.tablesOf(source.name())) {
                    Optional<PostgresTable> table = catalog.read(id.schema(), id.table());
                    if (table.isPresent()) {
                        PostgresTable found = table.get();
                        tables.add(new SourceTable(id, found.row(), found.identity() == ReplicaIdentity.FULL));
                        constraints.put(id, SourceConstraints.read(connection, found.oid()));
                        sequences.put(id, ColumnSequence.read(connection, id.schema(), id.table()));
                    }
                }
            } catch (SQLException e) {
                unreachable.put(
                        source.name(),
                        Finding.error(
                                "source " + source.name() + " at " + connector.address(),
                                "its catalog can't be read: "
                                        + connector.unreachable(e).problem(),
                                connector.unreachable(e).remedy()));
            }
        }
        return new SourceCatalogs(
                List.copyOf(tables),
                Map.copyOf(constraints),
                Map.copyOf(sequences),
                Collections.unmodifiableMap(unreachable));
    }

    /** What target tables of the service get besides their columns and keys where they are made. */
    Map<TargetTable, TableExtras> extras(ServiceSpec service, Map<TargetTable, RowSchema> targets) {
        List<TableExtras.Copy> copies = copies(service, targets);
        Map<TargetTable, TableExtras> extras = new HashMap<>();
        copies.forEach(copy -> extras.put(copy.target(), TableExtras.of(copy, copies)));
        return extras;
    }

    /** The columns of each target table that a source numbers: what it inserts itself one day must go on behind these. */
    Map<TargetTable, List<TargetSequences.Numbered>> numbered(
            ServiceSpec service, Map<TargetTable, RowSchema> targets) {
        Map<TargetTable, List<TargetSequences.Numbered>> numbered = new LinkedHashMap<>();
        for (TableExtras.Copy copy : copies(service, targets)) {
            List<TargetSequences.Numbered> columns = new ArrayList<>();
            for (ColumnSequence sequence : sequences.getOrDefault(copy.from(), List.of())) {
                String column = copy.columns().get(sequence.column());
                if (column != null) {
                    columns.add(new TargetSequences.Numbered(column, sequence.last()));
                }
            }
            if (!columns.isEmpty()) {
                numbered.put(copy.target(), columns);
            }
        }
        return numbered;
    }

    private List<TableExtras.Copy> copies(ServiceSpec service, Map<TargetTable, RowSchema> targets) {
        List<TableExtras.Copy> copies = new ArrayList<>();
        for (TableSpec spec : service.tables()) {
            RowSchema rows = targets.get(spec.target());
            for (SourceTable source : tables) {
                SourceConstraints has = constraints.get(source.id());
                if (rows != null && has != null && spec.from().contains(source.id())) {
                    TableExtras.Copy.of(spec, rows, source.row(), has).ifPresent(copies::add);
                }
            }
        }
        return copies;
    }
}
