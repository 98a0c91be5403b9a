package io.sluice.transform.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.value.Conversion;
import io.sluice.transform.mapping.value.NamedUuid;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A key of the target's own, made of fields of the source row: a name-based UUID (version 5) in the namespace of the source
 * table. Its name is the JSON array of the fields' texts, so that ("a", "bc") and ("ab", "c") are two names.
 */
final class GeneratedUuid implements ColumnStep {

    private final Column column;
    private final UUID namespace;
    private final List<NamedField> of;
    private final Conversion fromUuid;

    /**
     * One of the fields.
     *
     * @param text what a column's value is written as; null for a field of a document, which is written as its JSON
     */
    record NamedField(SourceField field, @Nullable Conversion text) {}

    GeneratedUuid(Column column, TableId source, List<NamedField> of, Conversion fromUuid) {
        this.column = column;
        this.namespace = NamedUuid.of(NamedUuid.TABLES, source.toString());
        this.of = List.copyOf(of);
        this.fromUuid = fromUuid;
    }

    @Override
    public Column column() {
        return column;
    }

    @Override
    public Object of(SourceRow row) {
        ArrayNode name = JsonNodeFactory.instance.arrayNode();
        for (NamedField each : of) {
            Object value = row.value(each.field().column());
            if (value == Unchanged.UNCHANGED) {
                return Unchanged.UNCHANGED;
            }
            name.add(text(each, value, row));
        }
        return fromUuid.apply(NamedUuid.of(namespace, name.toString()));
    }

    private String text(NamedField each, @Nullable Object value, SourceRow row) {
        Conversion conversion = each.text();
        if (conversion == null) {
            JsonNode node = each.field().in(row);
            if (each.field().isNothing(node)) {
                throw new UnfitKeyException("a field that column " + column.name() + " is generated from has no value");
            }
            return node.toString();
        }
        if (value == null) {
            throw new UnfitKeyException("a field that column " + column.name() + " is generated from is null");
        }
        return (String) conversion.apply(value);
    }

    @Override
    public Set<Integer> reads() {
        return of.stream().map(each -> each.field().column()).collect(Collectors.toUnmodifiableSet());
    }

    /** Different names have different UUIDs, for all that anybody will ever see. */
    @Override
    public Conversion.InKeys inKeys() {
        if (of.stream().anyMatch(each -> each.field().isPlainJson())) {
            // Equal numbers in jsonb may be written differently.
            return Conversion.InKeys.SPLIT;
        }
        return of.stream().allMatch(each -> each.field().isWhole())
                ? Conversion.InKeys.DISTINCT
                : Conversion.InKeys.MERGED;
    }

    @Override
    public boolean standsFor(int sourceColumn) {
        return of.size() == 1
                && of.get(0).field().isWhole()
                && of.get(0).field().column() == sourceColumn;
    }
}
