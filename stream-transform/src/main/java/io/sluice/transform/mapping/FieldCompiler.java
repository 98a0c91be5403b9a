package io.sluice.transform.mapping;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.pipeline.ColumnSpec;
import io.sluice.schemas.pipeline.ColumnValue;
import io.sluice.schemas.pipeline.FieldPath;
import io.sluice.transform.mapping.value.Conversion;
import io.sluice.transform.mapping.value.Conversions;
import io.sluice.transform.mapping.value.Dialect;
import io.sluice.transform.mapping.value.FieldConversion;
import io.sluice.transform.mapping.value.FieldWay;
import io.sluice.transform.mapping.value.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compiles columns that take a column of the source, or a field of a document in it. */
final class FieldCompiler {

    private static final String TEXT = "text";

    private final SourceTable source;
    private final SourceFields fields;
    private final ColumnTypes types;
    private final ColumnTypes.Reporter reporter;

    /** @param rows the source, and behind its columns those that a split adds */
    FieldCompiler(SourceTable source, SourceTable rows, ColumnTypes types, ColumnTypes.Reporter reporter) {
        this.source = rows;
        this.fields = new SourceFields(source);
        this.types = types;
        this.reporter = reporter;
    }

    @Nullable
    SourceField find(ColumnSpec spec, FieldPath path) {
        return fields.find(path, (message, remedy) -> reporter.problem(spec, message, remedy));
    }

    /** A source column under its own name. */
    ColumnStep asItIs(int index) {
        Column column = source.row().column(index);
        if (column.type() == Simple.DOCUMENT) {
            SqlType jsonb = ColumnTypes.JSONB;
            return new FieldColumn(
                    new Column(column.name(), jsonb.type(), jsonb.declared(), column.nullable()),
                    new SourceField(index, new FieldWay(Dialect.EXTENDED, List.of()), true),
                    FieldConversion.to(jsonb, Dialect.EXTENDED),
                    null);
        }
        if (source.isCollection()) {
            return new FieldColumn(
                    column,
                    new SourceField(index, new FieldWay(Dialect.EXTENDED, List.of()), true),
                    FieldConversion.ofIdentity(ColumnTypes.TEXT, Dialect.EXTENDED)
                            .orElseThrow(),
                    null);
        }
        return new CopiedColumn(column, index, Widening.NONE, null);
    }

    @Nullable
    ColumnStep compile(ColumnSpec spec, FieldPath path) {
        SourceField field = find(spec, path);
        return field == null ? null : compile(spec, field);
    }

    @Nullable
    ColumnStep compile(ColumnSpec spec, SourceField field) {
        return field.way() == null ? copied(spec, field.column()) : inside(spec, field, field.way());
    }

    private @Nullable ColumnStep copied(ColumnSpec spec, int index) {
        Column original = source.row().column(index);
        Optional<SqlType> wanted = Optional.empty();
        if (spec.type().isPresent() && !spec.type().get().strip().equalsIgnoreCase(original.declared())) {
            wanted = types.parse(spec, spec.type().get());
            if (wanted.isEmpty()) {
                return null;
            }
        }
        Column column = wanted.isEmpty()
                ? original.renamed(spec.name())
                : new Column(spec.name(), wanted.get().type(), wanted.get().declared(), original.nullable());
        Object otherwise = null;
        if (spec.defaultValue().isPresent()) {
            SqlType type = wanted.or(() -> SqlType.parse(original.declared())).orElse(null);
            otherwise = types.literal(spec, spec.defaultValue().get(), column, type);
            if (otherwise == null) {
                return null;
            }
            column = new Column(column.name(), column.type(), column.declared(), false);
        }
        return wanted.isEmpty()
                ? new CopiedColumn(column, index, Widening.NONE, otherwise)
                : converted(spec, index, wanted.get(), column, otherwise);
    }

    private @Nullable ColumnStep converted(
            ColumnSpec spec, int index, SqlType wanted, Column column, @Nullable Object otherwise) {
        Column original = source.row().column(index);
        Optional<Widening> widening = Widening.between(original.type(), wanted.type());
        if (widening.isPresent() && wanted.storesUnaltered(original.declared())) {
            return new CopiedColumn(column, index, widening.get(), otherwise);
        }
        Optional<Conversion> conversion = Conversions.between(original.type(), wanted);
        if (conversion.isEmpty()) {
            reporter.problem(
                    spec,
                    original.declared() + " can't become " + wanted.declared(),
                    "choose a type that says what its values say");
            return null;
        }
        return new ConvertedColumn(column, index, conversion.get(), otherwise);
    }

    private @Nullable ColumnStep inside(ColumnSpec spec, SourceField field, FieldWay way) {
        Optional<SqlType> type = types.parse(spec, spec.type().orElseGet(() -> spec.defaultValue()
                .map(Literals::naturalType)
                .orElse(TEXT)));
        if (type.isEmpty()) {
            return null;
        }
        Optional<FieldConversion> conversion = conversion(spec, field, way.dialect(), type.get());
        if (conversion.isEmpty()) {
            return null;
        }
        boolean required = field.isWhole() || spec.defaultValue().isPresent();
        Column column = new Column(spec.name(), type.get().type(), type.get().declared(), !required);
        if (spec.defaultValue().isEmpty()) {
            return new FieldColumn(column, field, conversion.get(), null);
        }
        Object otherwise = types.literal(spec, spec.defaultValue().get(), column, type.get());
        return otherwise == null ? null : new FieldColumn(column, field, conversion.get(), otherwise);
    }

    private Optional<FieldConversion> conversion(ColumnSpec spec, SourceField field, Dialect dialect, SqlType type) {
        if (type.declared().startsWith("character(")) {
            reporter.problem(
                    spec,
                    type.declared() + " is padded by the database, so what is read back is not what was written",
                    "take varchar or text");
            return Optional.empty();
        }
        if (!field.isWhole()) {
            return Optional.of(FieldConversion.to(type, dialect));
        }
        Optional<FieldConversion> conversion = type.type() == Simple.JSON
                ? Optional.of(FieldConversion.to(type, dialect))
                : FieldConversion.ofIdentity(type, dialect);
        if (conversion.isEmpty()) {
            reporter.problem(
                    spec,
                    "ids that differ could be one value of type " + type.declared(),
                    "take text, bigint, uuid, timestamptz or jsonb");
        }
        return conversion;
    }

    /**
     * A name-based UUID of fields; as text where the file asks for one. Where it asks for a number, the UUID is the name under which
     * the target knows it: two that number by themselves, each in its own target, need not agree on anything.
     */
    @Nullable
    ColumnStep generated(ColumnSpec spec, ColumnValue.Generated generated, SplitVariables variables) {
        List<GeneratedUuid.NamedField> of = new ArrayList<>();
        for (ColumnValue part : generated.of()) {
            SourceField field = part instanceof ColumnValue.Field named ? find(spec, named.path()) : null;
            if (part instanceof ColumnValue.Variable variable) {
                field = variables.field(variable).orElse(null);
                if (field == null) {
                    reporter.problem(spec, "the split knows no such value", "name one of its variables");
                }
            }
            if (field == null) {
                return null;
            }
            Optional<Conversion> text = Optional.empty();
            if (field.way() == null) {
                Column column = source.row().column(field.column());
                text = Conversions.canonicalText(column.type());
                if (text.isEmpty()) {
                    reporter.problem(
                            spec,
                            "column " + column.name() + " of type " + column.declared()
                                    + " can't be in a generated key: equal values of it may be written differently",
                            "take a column of a plain type");
                    return null;
                }
            }
            of.add(new GeneratedUuid.NamedField(field, text.orElse(null)));
        }
        boolean number = generated.kind() == ColumnValue.GeneratedKind.SERIAL;
        Optional<SqlType> type = types.parse(spec, spec.type().orElse(number ? "bigint" : "uuid"));
        if (type.isEmpty()) {
            return null;
        }
        if (number) {
            return numbered(spec, of, type.get());
        }
        Optional<Conversion> fromUuid = Conversions.between(Simple.UUID, type.get());
        if (fromUuid.isEmpty()) {
            reporter.problem(spec, "a UUID can't become " + type.get().declared(), "take uuid or text");
            return null;
        }
        Column column = new Column(spec.name(), type.get().type(), type.get().declared(), false);
        return new GeneratedUuid(column, source.id(), of, fromUuid.get());
    }

    private @Nullable ColumnStep numbered(ColumnSpec spec, List<GeneratedUuid.NamedField> of, SqlType type) {
        if (type.type() != Simple.INT16 && type.type() != Simple.INT32 && type.type() != Simple.INT64) {
            reporter.problem(
                    spec, "the numbers that a target gives are no " + type.declared(), "take bigint or integer");
            return null;
        }
        Column column = new Column(spec.name(), Simple.UUID, type.declared(), false);
        Conversion asItIs = Conversions.between(
                        Simple.UUID, SqlType.parse("uuid").orElseThrow())
                .orElseThrow();
        return new GeneratedUuid(column, source.id(), of, asItIs);
    }
}
