package io.sluice.sink.sql;

import io.sluice.platform.postgres.PostgresText;
import io.sluice.schemas.model.LogicalType;
import java.util.List;

/** Arrays in PostgreSQL's text form, every element in quotes: so no element can be taken for structure or for NULL. */
final class ArrayLiteral {

    private final LogicalType element;
    private final char delimiter;

    ArrayLiteral(LogicalType element, char delimiter) {
        this.element = element;
        this.delimiter = delimiter;
    }

    String of(List<?> elements) {
        StringBuilder text = new StringBuilder(elements.size() * 8 + 2).append('{');
        for (int i = 0; i < elements.size(); i++) {
            if (i > 0) {
                text.append(delimiter);
            }
            Object each = elements.get(i);
            if (each == null) {
                text.append("NULL");
            } else {
                quoted(PostgresText.of(element, each), text);
            }
        }
        return text.append('}').toString();
    }

    private static void quoted(String value, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\');
            }
            text.append(c);
        }
        text.append('"');
    }
}
