package io.sluice.transform.mapping;

import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.Unchanged;
import io.sluice.transform.mapping.MappingResult.Rejected;
import io.sluice.transform.mapping.expression.CompiledExpression;
import io.sluice.transform.mapping.expression.ExpressionException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What must hold for every target row. */
final class Rules {

    /** No rule at all. */
    static final Rules NONE = new Rules(List.of());

    private final List<Rule> rules;

    /** @param columns the place of each column that the condition reads */
    record Rule(String name, CompiledExpression condition, Map<String, Integer> columns) {

        static Rule of(String name, CompiledExpression condition, RowSchema target) {
            return new Rule(
                    name,
                    condition,
                    condition.names().stream().collect(Collectors.toUnmodifiableMap(each -> each, target::indexOf)));
        }
    }

    Rules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** The columns that each rule reads. */
    Map<String, Set<String>> reads() {
        return rules.stream().collect(Collectors.toUnmodifiableMap(Rule::name, rule -> rule.condition()
                .names()));
    }

    /** The first rule that this row breaks; null if it breaks none. */
    @Nullable
    Rejected brokenBy(Row row) {
        for (Rule rule : rules) {
            String reason = problemOf(rule, row);
            if (reason != null) {
                return Rejected.brokenRule(rule.name(), "it breaks rule " + rule.name() + reason);
            }
        }
        return null;
    }

    private static @Nullable String problemOf(Rule rule, Row row) {
        for (Integer column : rule.columns().values()) {
            if (row.value(column) == Unchanged.UNCHANGED) {
                return ": the log left out column "
                        + row.schema().column(column).name();
            }
        }
        try {
            boolean holds =
                    rule.condition().holds(name -> row.value(rule.columns().getOrDefault(name, -1)));
            return holds ? null : "";
        } catch (ExpressionException e) {
            return ": " + e.reason();
        }
    }
}
