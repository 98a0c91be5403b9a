package com.example;

import io.sluice.schemas.mapper.MappedColumn;
import io.sluice.schemas.mapper.RowChanges;
import io.sluice.schemas.mapper.RowMapper;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One row for each line of an order, which stand in one text: {@code A:2, B:1}. */
public final class OrderLines implements RowMapper {

    @Override
    public List<MappedColumn> columns(RowSchema source) {
        return List.of(
                MappedColumn.required("id", "bigint"),
                MappedColumn.required("product", "text"),
                MappedColumn.required("quantity", "integer"));
    }

    @Override
    public void map(Change change, RowChanges changes) {
        if (change instanceof Change.Upserted upserted) {
            Map<String, Integer> now = lines(upserted.after(), changes);
            Object id = upserted.after().value("id");
            Row before = upserted.before();
            if (before != null) {
                deleteAllBut(now, before, changes);
            }
            now.forEach(
                    (product, quantity) -> changes.upsert(Map.of("id", id, "product", product, "quantity", quantity)));
        } else if (change instanceof Change.Deleted deleted) {
            deleteAllBut(Map.of(), deleted.before(), changes);
        }
    }

    private static void deleteAllBut(Map<String, Integer> now, Row before, RowChanges changes) {
        for (String product : lines(before, changes).keySet()) {
            if (!now.containsKey(product)) {
                changes.delete(Map.of("id", before.value("id"), "product", product));
            }
        }
    }

    private static Map<String, Integer> lines(Row order, RowChanges changes) {
        Map<String, Integer> lines = new LinkedHashMap<>();
        String text = (String) order.value("lines");
        for (String line : text == null || text.isBlank() ? new String[0] : text.split(",")) {
            String[] parts = line.strip().split(":");
            if (parts.length != 2) {
                changes.reject("a line without a colon");
            }
            lines.merge(parts[0], Integer.valueOf(parts[1].strip()), Integer::sum);
        }
        return lines;
    }
}
