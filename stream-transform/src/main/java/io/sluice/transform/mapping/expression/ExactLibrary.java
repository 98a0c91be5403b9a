package io.sluice.transform.mapping.expression;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import dev.cel.runtime.CelFunctionBinding;
import io.sluice.transform.mapping.value.UnfitValueException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is added to CEL's own operators and functions: decimals, and equality that knows them. */
final class ExactLibrary {

    /** An exact decimal; {@link BigDecimal} while it is computed with. */
    static final CelType DECIMAL = OpaqueType.create("decimal");

    static final String EQUALS = "_==_";
    static final String NOT_EQUALS = "_!=_";
    static final String IN = "@in";

    private static final Map<CelType, Class<? extends Number>> OTHER_NUMBERS =
            Map.of(SimpleType.INT, Long.class, SimpleType.DOUBLE, Double.class);

    private enum Arithmetic {
        ADD,
        SUBTRACT,
        MULTIPLY,
        DIVIDE;

        String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        BigDecimal apply(Number left, Number right) {
            return switch (this) {
                case ADD -> Decimals.add(left, right);
                case SUBTRACT -> Decimals.subtract(left, right);
                case MULTIPLY -> Decimals.multiply(left, right);
                case DIVIDE -> Decimals.divide(left, right);
            };
        }
    }

    private enum Comparison {
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL;

        String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean test(int order) {
            return switch (this) {
                case LESS -> order < 0;
                case LESS_OR_EQUAL -> order <= 0;
                case GREATER -> order > 0;
                case GREATER_OR_EQUAL -> order >= 0;
            };
        }
    }

    private final List<CelFunctionDecl> declarations = new ArrayList<>();
    private final List<CelFunctionBinding> bindings = new ArrayList<>();

    ExactLibrary() {
        equality();
        arithmetic("_+_", Arithmetic.ADD);
        arithmetic("_-_", Arithmetic.SUBTRACT);
        arithmetic("_*_", Arithmetic.MULTIPLY);
        arithmetic("_/_", Arithmetic.DIVIDE);
        comparison("_<_", Comparison.LESS);
        comparison("_<=_", Comparison.LESS_OR_EQUAL);
        comparison("_>_", Comparison.GREATER);
        comparison("_>=_", Comparison.GREATER_OR_EQUAL);
        conversions();
        rounding();
        times();
    }

    List<CelFunctionDecl> declarations() {
        return declarations;
    }

    List<CelFunctionBinding> bindings() {
        return bindings;
    }

    private static CelOverloadDecl overload(String id, CelType result, CelType... arguments) {
        return CelOverloadDecl.newGlobalOverload(id, result, arguments);
    }

    /** One for values of all types: which may be compared is looked at when the expression is compiled. */
    private void equality() {
        CelType left = TypeParamType.create("L");
        CelType right = TypeParamType.create("R");
        declarations.add(
                CelFunctionDecl.newFunctionDeclaration(EQUALS, overload("exact_equals", SimpleType.BOOL, left, right)));
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                NOT_EQUALS, overload("exact_not_equals", SimpleType.BOOL, left, right)));
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                IN,
                overload("exact_in_list", SimpleType.BOOL, left, ListType.create(right)),
                overload("exact_in_map", SimpleType.BOOL, left, MapType.create(right, TypeParamType.create("V")))));
        bindings.add(CelFunctionBinding.from("exact_equals", Object.class, Object.class, Equality::equal));
        bindings.add(CelFunctionBinding.from(
                "exact_not_equals", Object.class, Object.class, (one, other) -> !Equality.equal(one, other)));
        bindings.add(CelFunctionBinding.from(
                "exact_in_list", Object.class, List.class, (element, list) -> Equality.contains(list, element)));
        bindings.add(CelFunctionBinding.from(
                "exact_in_map", Object.class, Map.class, (element, map) -> Equality.contains(map, element)));
    }

    private void arithmetic(String operator, Arithmetic operation) {
        String name = operation.id();
        List<CelOverloadDecl> overloads = new ArrayList<>();
        overloads.add(overload(name + "_decimals", DECIMAL, DECIMAL, DECIMAL));
        bindings.add(CelFunctionBinding.from(
                name + "_decimals", BigDecimal.class, BigDecimal.class, (one, other) -> operation.apply(one, other)));
        OTHER_NUMBERS.forEach((type, carrier) -> {
            String left = name + "_decimal_" + type.name();
            String right = name + "_" + type.name() + "_decimal";
            overloads.add(overload(left, DECIMAL, DECIMAL, type));
            overloads.add(overload(right, DECIMAL, type, DECIMAL));
            bindings.add(CelFunctionBinding.from(
                    left, BigDecimal.class, carrier, (one, other) -> operation.apply(one, other)));
            bindings.add(CelFunctionBinding.from(
                    right, carrier, BigDecimal.class, (one, other) -> operation.apply(one, other)));
        });
        declarations.add(CelFunctionDecl.newFunctionDeclaration(operator, overloads));
    }

    private void comparison(String operator, Comparison holds) {
        String name = holds.id();
        List<CelOverloadDecl> overloads = new ArrayList<>();
        overloads.add(overload(name + "_decimals", SimpleType.BOOL, DECIMAL, DECIMAL));
        bindings.add(CelFunctionBinding.from(
                name + "_decimals",
                BigDecimal.class,
                BigDecimal.class,
                (one, other) -> holds.test(one.compareTo(other))));
        OTHER_NUMBERS.forEach((type, carrier) -> {
            String left = name + "_decimal_" + type.name();
            String right = name + "_" + type.name() + "_decimal";
            overloads.add(overload(left, SimpleType.BOOL, DECIMAL, type));
            overloads.add(overload(right, SimpleType.BOOL, type, DECIMAL));
            bindings.add(CelFunctionBinding.from(
                    left,
                    BigDecimal.class,
                    carrier,
                    (one, other) -> holds.test(one.compareTo(Decimals.of((Number) other)))));
            bindings.add(CelFunctionBinding.from(
                    right,
                    carrier,
                    BigDecimal.class,
                    (one, other) -> holds.test(Decimals.of((Number) one).compareTo(other))));
        });
        declarations.add(CelFunctionDecl.newFunctionDeclaration(operator, overloads));
    }

    private void conversions() {
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                "decimal",
                overload("decimal_of_text", DECIMAL, SimpleType.STRING),
                overload("decimal_of_decimal", DECIMAL, DECIMAL),
                overload("decimal_of_int", DECIMAL, SimpleType.INT),
                overload("decimal_of_double", DECIMAL, SimpleType.DOUBLE)));
        bindings.add(CelFunctionBinding.from("decimal_of_text", String.class, Decimals::parse));
        bindings.add(CelFunctionBinding.from("decimal_of_decimal", BigDecimal.class, value -> value));
        bindings.add(CelFunctionBinding.from("decimal_of_int", Long.class, Decimals::of));
        bindings.add(CelFunctionBinding.from("decimal_of_double", Double.class, Decimals::of));
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                "string", overload("text_of_decimal", SimpleType.STRING, DECIMAL)));
        bindings.add(CelFunctionBinding.from("text_of_decimal", BigDecimal.class, BigDecimal::toPlainString));
        declarations.add(
                CelFunctionDecl.newFunctionDeclaration("int", overload("int_of_decimal", SimpleType.INT, DECIMAL)));
        bindings.add(CelFunctionBinding.from("int_of_decimal", BigDecimal.class, Decimals::whole));
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                "double", overload("double_of_decimal", SimpleType.DOUBLE, DECIMAL)));
        bindings.add(CelFunctionBinding.from("double_of_decimal", BigDecimal.class, Decimals::floating));
        declarations.add(CelFunctionDecl.newFunctionDeclaration("-_", overload("negate_decimal", DECIMAL, DECIMAL)));
        bindings.add(CelFunctionBinding.from("negate_decimal", BigDecimal.class, BigDecimal::negate));
    }

    private void rounding() {
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                "round", overload("round_decimal", DECIMAL, DECIMAL, SimpleType.INT)));
        bindings.add(CelFunctionBinding.from("round_decimal", BigDecimal.class, Long.class, Decimals::round));
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                "quotient", overload("quotient_of_decimals", DECIMAL, DECIMAL, DECIMAL, SimpleType.INT)));
        bindings.add(CelFunctionBinding.from(
                "quotient_of_decimals",
                List.of(BigDecimal.class, BigDecimal.class, Long.class),
                arguments ->
                        Decimals.quotient((BigDecimal) arguments[0], (BigDecimal) arguments[1], (Long) arguments[2])));
    }

    private void times() {
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                "fromMillis", overload("moment_of_millis", SimpleType.TIMESTAMP, SimpleType.INT)));
        bindings.add(CelFunctionBinding.from("moment_of_millis", Long.class, Instant::ofEpochMilli));
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                "fromSeconds", overload("moment_of_seconds", SimpleType.TIMESTAMP, SimpleType.INT)));
        bindings.add(CelFunctionBinding.from("moment_of_seconds", Long.class, ExactLibrary::moment));
    }

    private static Instant moment(long seconds) {
        try {
            return Instant.ofEpochSecond(seconds);
        } catch (DateTimeException e) {
            throw new UnfitValueException("a time lies beyond what can be held");
        }
    }
}
