package io.sluice.source.types;

import io.sluice.source.types.TypeCases.Refused;
import io.sluice.source.types.TypeCases.Section;
import io.sluice.source.types.TypeCases.TypeCase;
import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The documentation of types is made of the cases that are tested. {@code -Dgolden.update=true} writes it anew. */
class PostgresTypesPageTest {

    @Test
    void thePageIsCurrent() throws IOException {
        new GeneratedPart("postgresql").requireCurrent(render(TypeCases.postgresql()));
    }

    private static String render(TypeCases cases) {
        StringBuilder page = new StringBuilder();
        for (Section section : cases.sections()) {
            page.append("\n### ").append(section.title()).append("\n\n");
            page.append("| PostgreSQL | logical type | Avro | remarks |\n| --- | --- | --- | --- |\n");
            section.types().stream().filter(type -> !type.title().isEmpty()).forEach(type -> page.append("| ")
                    .append(escaped(type.title()))
                    .append(" | ")
                    .append(logical(type))
                    .append(" | ")
                    .append(avro(type))
                    .append(" | ")
                    .append(escaped(remark(type)))
                    .append(" |\n"));
        }
        page.append("\n### What halts a table\n\n| value | instead |\n| --- | --- |\n");
        for (Refused refused : cases.refused()) {
            if (!refused.what().isEmpty()) {
                page.append("| ")
                        .append(refused.what())
                        .append(" | ")
                        .append(refused.instead())
                        .append(" |\n");
            }
        }
        return page.append('\n').toString();
    }

    /** A heading for many types names none of them. */
    private static String logical(TypeCase type) {
        if (type.title().equals("domains")) {
            return "that of the type below";
        }
        if (type.title().equals("arrays")) {
            return "array";
        }
        return type.logical().replaceAll("\\(.*", "").toLowerCase(Locale.ROOT);
    }

    private static String avro(TypeCase type) {
        return switch (type.title()) {
            case "domains" -> "that of the type below";
            case "arrays" -> "array of null or the element's";
            default -> type.avro();
        };
    }

    private static String remark(TypeCase type) {
        String since = type.since() == 0 ? "" : "from PostgreSQL " + type.since() + " on";
        return since + (since.isEmpty() || type.says().isEmpty() ? "" : "; ") + type.says();
    }

    private static String escaped(String text) {
        return text.replace("|", "\\|").replace("[]", "\\[]");
    }
}
