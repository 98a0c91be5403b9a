package io.sluice.app.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a user of the demo's servers would have written: the pipeline file, and its secrets in files beside it. */
final class DemoFiles {

    private final Path folder;
    private final String kafka;
    private final String registry;
    private final Map<String, String> urls = new LinkedHashMap<>();

    DemoFiles(Path folder, String kafka, String registry) {
        this.folder = folder;
        this.kafka = kafka;
        this.registry = registry;
    }

    void addUrl(String database, String url) {
        urls.put(database, url);
    }

    Path folder() {
        return folder;
    }

    Path pipeline() {
        return folder.resolve("pipeline.yaml");
    }

    Path environment() {
        return folder.resolve("demo.env");
    }

    static String variableOf(String database) {
        return database.toUpperCase(java.util.Locale.ROOT) + "_URL";
    }

    void write() throws IOException {
        StringBuilder environment = new StringBuilder();
        for (Map.Entry<String, String> url : urls.entrySet()) {
            environment
                    .append("export ")
                    .append(variableOf(url.getKey()))
                    .append("='")
                    .append(url.getValue())
                    .append("'\n");
            writeSecret(folder.resolve(url.getKey() + ".url"), url.getValue() + "\n");
        }
        writeSecret(environment(), environment.toString());
        Files.writeString(pipeline(), pipelineText());
    }

    private String pipelineText() {
        StringBuilder yaml = new StringBuilder("pipeline: demo\n");
        yaml.append("kafka: {bootstrap: \"").append(kafka).append("\"}\n");
        yaml.append("registry: {url: \"").append(registry).append("\"}\n");
        yaml.append("sources:\n  monolith:\n    postgresql: \"${file:monolith.url}\"\n    owners:\n");
        Monolith.OWNERS.forEach((service, tables) -> yaml.append("      ")
                .append(service)
                .append(": [")
                .append(String.join(
                        ", ", tables.stream().map(table -> "public." + table).toList()))
                .append("]\n"));
        yaml.append("services:\n");
        Monolith.OWNERS.forEach((service, tables) -> appendService(yaml, service, tables));
        return yaml.toString();
    }

    private static void appendService(StringBuilder yaml, String service, List<String> tables) {
        yaml.append("  ")
                .append(service)
                .append(":\n    target: {postgresql: \"${file:")
                .append(Monolith.databaseOf(service))
                .append(".url}\"}\n    partitions: 2\n    tables:\n");
        for (String table : tables) {
            yaml.append("      ")
                    .append(table)
                    .append(": {from: monolith.public.")
                    .append(table)
                    .append("}\n");
        }
    }

    private static void writeSecret(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }
}
