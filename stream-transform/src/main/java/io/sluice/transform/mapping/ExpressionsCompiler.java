package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.RuleSpec;
import io.sluice.transform.mapping.expression.CompiledExpression;
import io.sluice.transform.mapping.expression.ExpressionCompiler;
import io.sluice.transform.mapping.expression.Scope;
import io.sluice.transform.mapping.value.Documents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Compiles the expressions of one mapping. CEL is set up only where there is one. */
final class ExpressionsCompiler {

    private final SourceScope source;
    private final Documents documents;
    private @Nullable ExpressionCompiler compiler;

    ExpressionsCompiler(SourceTable source, Documents documents) {
        this.source = new SourceScope(source);
        this.documents = documents;
    }

    /** An expression over the source row; empty, and the problem told, if it is none. */
    Optional<SourceExpression> overSource(Expression expression, Consumer<String> problem) {
        return compile(expression, source, problem).map(compiled -> {
            Map<String, SourceField> fields = new HashMap<>();
            compiled.names().forEach(name -> fields.put(name, source.field(name)));
            return new SourceExpression(compiled, fields);
        });
    }

    /** A condition over the source row. */
    Optional<SourceExpression> filter(Expression expression, Consumer<String> problem) {
        return overSource(expression, problem).filter(filter -> isCondition(filter.compiled(), problem));
    }

    /** Conditions over the target row. */
    Rules rules(List<RuleSpec> specs, RowSchema target, java.util.function.BiConsumer<RuleSpec, String> problem) {
        List<Rules.Rule> rules = new ArrayList<>();
        for (RuleSpec spec : specs) {
            compile(spec.expression(), new TargetScope(target), message -> problem.accept(spec, message))
                    .filter(condition -> isCondition(condition, message -> problem.accept(spec, message)))
                    .ifPresent(condition -> rules.add(Rules.Rule.of(spec.name(), condition, target)));
        }
        return rules.isEmpty() ? Rules.NONE : new Rules(rules);
    }

    private static boolean isCondition(CompiledExpression expression, Consumer<String> problem) {
        LogicalType result = expression.result();
        if (result != null && result != Simple.BOOLEAN) {
            problem.accept("it is neither true nor false");
            return false;
        }
        return true;
    }

    private Optional<CompiledExpression> compile(Expression expression, Scope scope, Consumer<String> problem) {
        ExpressionCompiler cel = compiler;
        if (cel == null) {
            cel = new ExpressionCompiler(documents);
            compiler = cel;
        }
        ExpressionCompiler.Result result = cel.compile(expression.text(), scope);
        if (result instanceof ExpressionCompiler.Result.Refused refused) {
            problem.accept(refused.message());
            return Optional.empty();
        }
        return Optional.of(((ExpressionCompiler.Result.Compiled) result).expression());
    }

    private record TargetScope(RowSchema target) implements Scope {

        @Override
        public @Nullable LogicalType typeOf(String name) {
            int index = target.indexOf(name);
            return index < 0 ? null : target.column(index).type();
        }

        @Override
        public List<String> names() {
            return target.columns().stream().map(Column::name).toList();
        }
    }
}
