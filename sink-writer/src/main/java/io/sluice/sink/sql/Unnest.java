package io.sluice.sink.sql;

import io.sluice.platform.postgres.Identifiers;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.RowSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** The arrays side by side as rows {@code u}, its columns numbered so that no name of theirs needs a thought. */
final class Unnest {

    final List<Integer> indexes = new ArrayList<>();
    final List<SetStatement.Parameter> parameters = new ArrayList<>();
    final List<String> casts = new ArrayList<>();
    final List<String> names = new ArrayList<>();
    private final StringBuilder numbers = new StringBuilder();
    private final StringBuilder joins = new StringBuilder();

    Unnest(TargetShape shape, RowSchema schema, IntPredicate wanted) {
        for (int i = 0; i < schema.size(); i++) {
            if (wanted.test(i)) {
                Column column = schema.column(i);
                TargetColumn target = shape.column(column.name());
                String name = "c" + indexes.size();
                indexes.add(i);
                parameters.add(new SetStatement.Parameter(i, ColumnEncoder.of(column.type(), target.delimiter())));
                names.add(name);
                casts.add(value(column, target, name) + "::" + target.castType());
            }
        }
    }

    private String value(Column column, TargetColumn target, String name) {
        KeySpace space = target.numbers();
        if (space == null || !NumberedColumn.is(column)) {
            return "u." + name;
        }
        String number = "n" + name;
        numbers.append(", ").append(number).append(".number AS ").append(number);
        joins.append(space.join(number, name));
        return "u." + number;
    }

    String from() {
        return from(names);
    }

    /** With one more array behind the others. */
    String from(String another) {
        List<String> all = new ArrayList<>(names);
        all.add(another);
        return from(all);
    }

    String from(List<String> columns) {
        String rows = "unnest(" + columns.stream().map(name -> "?").collect(Collectors.joining(", ")) + ") AS u("
                + String.join(", ", columns) + ")";
        return joins.isEmpty() ? rows : "(SELECT u.*" + numbers + " FROM " + rows + joins + ") AS u";
    }

    /** Where every column is of the key. */
    String matches(RowSchema keySchema) {
        List<String> matches = new ArrayList<>();
        for (int i = 0; i < keySchema.size(); i++) {
            matches.add("t." + Identifiers.quoted(keySchema.column(i).name()) + " = " + casts.get(i));
        }
        return String.join(" AND ", matches);
    }
}
