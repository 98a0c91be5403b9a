package io.sluice.transform.topology;

import io.sluice.schemas.codec.AvroNames;
import io.sluice.schemas.codec.SourceHeader;
import io.sluice.schemas.codec.TargetHeader;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.topic.Names;
import java.util.List;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Where the records of a service stand: a topic for each table, or, where whole transactions keep their order, one for all. In the
 * latter a record says which table it is of: its key's schema does, which is another for each, and a header.
 */
final class ServiceTopics {

    private final Names names;
    private final ServiceSpec service;

    ServiceTopics(Names names, ServiceSpec service) {
        this.names = names;
        this.service = service;
    }

    List<String> changes() {
        return service.reads().stream().map(this::changes).distinct().toList();
    }

    String changes(TableId table) {
        return service.isStrong() ? names.changesInOrder(service.name()) : names.changes(service.name(), table);
    }

    String rows(TargetTable table) {
        return service.isStrong() ? names.rowsInOrder(service.name()) : names.rows(service.name(), table);
    }

    /** Of the target's records: two tables of one name in two schemas must not share one where they share a topic. */
    String namespace(TargetTable table) {
        return !service.isStrong() || table.schema().equals(TargetTable.DEFAULT_SCHEMA)
                ? AvroNames.namespace("sluice", service.name())
                : AvroNames.namespace("sluice", service.name(), table.schema());
    }

    String keySubject(TargetTable table, Schema record) {
        return service.isStrong()
                ? Names.recordSubject(rows(table), record.getFullName())
                : Names.keySubject(rows(table));
    }

    String valueSubject(TargetTable table, Schema record) {
        return service.isStrong()
                ? Names.recordSubject(rows(table), record.getFullName())
                : Names.valueSubject(rows(table));
    }

    /** What rows of the target say of the table that they come from; null where there is only one. */
    byte @Nullable [] source(TargetTable target, TableId source) {
        return service.table(target).filter(TableSpec::hasSeveralSources).isPresent() ? SourceHeader.of(source) : null;
    }

    /** What its records say of their table; null where the topic says it. */
    byte @Nullable [] header(TargetTable table) {
        return service.isStrong() ? TargetHeader.of(table) : null;
    }
}
