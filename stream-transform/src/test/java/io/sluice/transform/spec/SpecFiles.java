package io.sluice.transform.spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A pipeline of one table, and specs beside it, in a folder of a test. */
public final class SpecFiles {

    public static final String TABLES =
            """
            tables:
              monolith.public.invoices:
                columns: {id: bigint, total: "numeric(10,2) not null", note: text, tags: "text[]", extra: jsonb}
                key: [id]
            table: monolith.public.invoices
            """;

    private static final String PIPELINE =
            """
            pipeline: shop
            sources:
              monolith: {postgresql: "${env:MONOLITH_URL}"}
            services:
              billing:
                target: {postgresql: "postgresql://${env:USER_NAME}:${file:password}@host:5432/billing"}
                tables:
                  invoices: {from: monolith.public.invoices}
            """;

    private SpecFiles() {}

    /** Writes both; the specs follow the table's declaration. */
    public static Path write(Path folder, String specs) {
        return write(folder, PIPELINE, TABLES + specs);
    }

    public static Path write(Path folder, String pipeline, String specs) {
        try {
            Files.writeString(folder.resolve("pipeline.yaml"), pipeline);
            Files.createDirectories(folder.resolve("specs"));
            Files.writeString(folder.resolve("specs/invoices.yaml"), specs);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
