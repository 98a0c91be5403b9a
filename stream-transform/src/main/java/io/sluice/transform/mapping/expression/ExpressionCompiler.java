package io.sluice.transform.mapping.expression;

import dev.cel.checker.CelStandardDeclarations;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.NullableType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.transform.mapping.value.Documents;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Compiles expressions: parses them, types them against the names of a scope, and refuses what could go on without bound. */
public final class ExpressionCompiler {

    private static final int MOST_CHARACTERS = 10_000;
    private static final int MOST_LEVELS = 100;
    private static final int MOST_ITERATIONS = 100_000;
    private static final CelOptions OPTIONS = CelOptions.current()
            .maxExpressionCodePointSize(MOST_CHARACTERS)
            .maxParseRecursionDepth(MOST_LEVELS)
            .comprehensionMaxIterations(MOST_ITERATIONS)
            .enableHeterogeneousNumericComparisons(true)
            .enableTimestampEpoch(true)
            .evaluateCanonicalTypesToNativeValues(true)
            .build();
    private static final Set<String> COMPARISONS = Set.of(ExactLibrary.EQUALS, ExactLibrary.NOT_EQUALS);

    private final CelCompiler parser;
    private final CelRuntime runtime;
    private final Values values;

    public ExpressionCompiler(Documents documents) {
        ExactLibrary exact = new ExactLibrary();
        this.parser = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setStandardEnvironmentEnabled(false)
                .setStandardDeclarations(CelStandardDeclarations.newBuilder()
                        .excludeFunctions(
                                CelStandardDeclarations.StandardFunction.EQUALS,
                                CelStandardDeclarations.StandardFunction.NOT_EQUALS,
                                CelStandardDeclarations.StandardFunction.IN)
                        .build())
                .addLibraries(CelExtensions.strings())
                .addFunctionDeclarations(exact.declarations())
                .build();
        this.runtime = CelRuntimeFactory.standardCelRuntimeBuilder()
                .setOptions(OPTIONS)
                .setStandardEnvironmentEnabled(false)
                .setStandardFunctions(CelStandardFunctions.newBuilder()
                        .excludeFunctions(
                                CelStandardFunctions.StandardFunction.EQUALS,
                                CelStandardFunctions.StandardFunction.NOT_EQUALS,
                                CelStandardFunctions.StandardFunction.IN)
                        .build())
                .addLibraries(CelExtensions.strings())
                .addFunctionBindings(exact.bindings())
                .build();
        this.values = new Values(documents);
    }

    /** An expression, or why there is none. */
    public sealed interface Result {

        record Compiled(CompiledExpression expression) implements Result {}

        /** @param message what is wrong, in one line */
        record Refused(String message) implements Result {}
    }

    /** What is wrong with its form alone; empty if nothing is. */
    public Optional<String> problemOfForm(String text) {
        try {
            parser.parse(text).getAst();
            return Optional.empty();
        } catch (CelValidationException e) {
            return Optional.of(message(e));
        }
    }

    public Result compile(String text, Scope scope) {
        try {
            CelAbstractSyntaxTree parsed = parser.parse(text).getAst();
            Map<String, LogicalType> names = new HashMap<>();
            for (String name : identifiers(parsed)) {
                LogicalType type = scope.typeOf(name);
                if (type != null) {
                    names.put(name, type);
                }
            }
            // A builder for each: what is declared in one must not be known in the next.
            CelCompilerBuilder builder = parser.toCompilerBuilder();
            names.forEach((name, type) -> builder.addVar(name, Values.typeOf(type)));
            CelAbstractSyntaxTree checked = builder.build().check(parsed).getAst();
            Optional<String> wrong = incomparable(checked);
            if (wrong.isPresent()) {
                return new Result.Refused(wrong.get());
            }
            Optional<String> result = unknownResult(checked.getResultType());
            if (result.isPresent()) {
                return new Result.Refused(result.get());
            }
            return new Result.Compiled(new CompiledExpression(
                    runtime.createProgram(checked), names, values, logical(checked.getResultType())));
        } catch (CelValidationException e) {
            return new Result.Refused(
                    message(e) + (scope.names().isEmpty() ? "" : "; it may use " + String.join(", ", scope.names())));
        } catch (CelEvaluationException e) {
            return new Result.Refused("it can't be planned");
        }
    }

    private static String message(CelValidationException e) {
        CelIssue first = e.getErrors().get(0);
        String message = first.getMessage();
        int candidates = message.indexOf(" (candidates:");
        return (candidates < 0 ? message : message.substring(0, candidates)).replaceAll("\\s+", " ") + " at character "
                + (first.getSourceLocation().getColumn() + 1)
                + (first.getSourceLocation().getLine() > 1
                        ? " of line " + first.getSourceLocation().getLine()
                        : "");
    }

    /** The names that come from outside, those apart that a macro like all() makes for itself. */
    private static Set<String> identifiers(CelAbstractSyntaxTree parsed) {
        Set<String> used = new TreeSet<>();
        Set<String> own = new HashSet<>();
        CelNavigableExpr.fromExpr(parsed.getExpr()).allNodes().forEach(node -> {
            CelExpr expression = node.expr();
            if (expression.getKind() == ExprKind.Kind.IDENT) {
                used.add(expression.ident().name());
            } else if (expression.getKind() == ExprKind.Kind.COMPREHENSION) {
                own.add(expression.comprehension().iterVar());
                own.add(expression.comprehension().iterVar2());
                own.add(expression.comprehension().accuVar());
            }
        });
        used.removeAll(own);
        return used;
    }

    /** Equality takes all types, so that numbers of different kinds can be compared; what can never be equal is a mistake. */
    private static Optional<String> incomparable(CelAbstractSyntaxTree checked) {
        return CelNavigableExpr.fromExpr(checked.getExpr())
                .allNodes()
                .map(CelNavigableExpr::expr)
                .filter(expression -> expression.getKind() == ExprKind.Kind.CALL)
                .map(CelExpr::call)
                .map(call -> {
                    boolean in = call.function().equals(ExactLibrary.IN);
                    if (!in && !COMPARISONS.contains(call.function())) {
                        return null;
                    }
                    CelType left = type(checked, call.args().get(0));
                    CelType right = type(checked, call.args().get(1));
                    CelType other = in ? elementOf(right) : right;
                    return comparable(left, other) ? null : left.name() + " and " + other.name() + " are never equal";
                })
                .filter(problem -> problem != null)
                .findFirst();
    }

    private static CelType type(CelAbstractSyntaxTree checked, CelExpr expression) {
        return bare(checked.getType(expression.id())
                .orElseThrow(() -> new IllegalStateException("a checked expression has types")));
    }

    private static CelType bare(CelType type) {
        return type instanceof NullableType nullable ? nullable.targetType() : type;
    }

    private static CelType elementOf(CelType type) {
        return type instanceof ListType list && list.hasElemType()
                ? bare(list.elemType())
                : type instanceof MapType map ? bare(map.keyType()) : type;
    }

    private static boolean comparable(CelType left, CelType right) {
        if (isAnything(left) || isAnything(right) || (isNumber(left) && isNumber(right))) {
            return true;
        }
        return left.kind() == right.kind();
    }

    private static boolean isAnything(CelType type) {
        return type.kind() == CelKind.DYN || type.kind() == CelKind.NULL_TYPE || type.kind() == CelKind.TYPE_PARAM;
    }

    private static boolean isNumber(CelType type) {
        return type.equals(ExactLibrary.DECIMAL)
                || type.kind() == CelKind.INT
                || type.kind() == CelKind.UINT
                || type.kind() == CelKind.DOUBLE;
    }

    private static Optional<String> unknownResult(CelType given) {
        CelType type = bare(given);
        return switch (type.kind()) {
            case DURATION, UINT, TYPE, STRUCT, ERROR ->
                Optional.of("it gives a " + type.name() + ", which no column takes");
            default -> Optional.empty();
        };
    }

    private static @Nullable LogicalType logical(CelType given) {
        CelType type = bare(given);
        if (type.equals(ExactLibrary.DECIMAL)) {
            return Numeric.UNBOUNDED;
        }
        return switch (type.kind()) {
            case BOOL -> Simple.BOOLEAN;
            case INT -> Simple.INT64;
            case DOUBLE -> Simple.FLOAT64;
            case STRING -> Simple.TEXT;
            case BYTES -> Simple.BYTES;
            case TIMESTAMP -> Simple.TIMESTAMPTZ;
            default -> null;
        };
    }
}
