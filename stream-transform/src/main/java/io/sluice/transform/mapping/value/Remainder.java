package io.sluice.transform.mapping.value;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is left of a document where some of its fields are taken, as relaxed JSON. */
public final class Remainder {

    private final RelaxedJson json;
    private final Taken taken;

    /** Which fields of a document are taken: wholly, where nothing is said of what is inside. */
    record Taken(Map<String, Taken> fields) {

        static final Taken WHOLLY = new Taken(Map.of());

        @Nullable
        Taken inside(String field) {
            return fields.get(field);
        }

        boolean isWholly() {
            return fields.isEmpty();
        }
    }

    /** @param taken ways to the fields that are taken */
    public Remainder(Dialect dialect, Collection<List<String>> taken) {
        this.json = new RelaxedJson(dialect);
        this.taken = tree(taken);
    }

    static Taken tree(Collection<List<String>> ways) {
        Map<String, Taken> fields = new HashMap<>();
        for (List<String> way : ways) {
            String first = way.get(0);
            List<List<String>> longer = ways.stream()
                    .filter(each -> each.get(0).equals(first))
                    .map(each -> each.subList(1, each.size()))
                    .toList();
            fields.put(first, longer.stream().anyMatch(List::isEmpty) ? Taken.WHOLLY : tree(longer));
        }
        return new Taken(fields);
    }

    /** @throws UnfitValueException if PostgreSQL can't hold it */
    public String of(JsonNode document) {
        return json.without(document, taken);
    }
}
