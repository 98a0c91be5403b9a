package io.sluice.localstack.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import io.sluice.localstack.registry.Registry.Submission;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request taken apart and bounded.
 *
 * @param path its segments, decoded; a subject may hold an encoded slash
 */
record RestRequest(String method, List<String> path, Map<String, String> query, String body) {

    private static final int MAX_SUBJECT_CHARS = 1024;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static RestRequest read(HttpExchange exchange, int maxBodyBytes) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(maxBodyBytes + 1);
        if (body.length > maxBodyBytes) {
            throw new RestException(413, "A request body may have " + maxBodyBytes + " bytes at most");
        }
        String contentType = exchange.getRequestHeaders().getFirst("Content-Type");
        if (body.length > 0 && contentType != null && !isJson(contentType)) {
            throw new RestException(415, "HTTP 415 Unsupported Media Type");
        }
        try {
            return new RestRequest(
                    exchange.getRequestMethod(),
                    path(exchange.getRequestURI().getRawPath()),
                    query(exchange.getRequestURI().getRawQuery()),
                    new String(body, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new RestException(400, "The address is not well encoded");
        }
    }

    private static boolean isJson(String contentType) {
        String type = contentType.split(";", -1)[0].trim();
        return type.endsWith("json") || type.equals("application/octet-stream");
    }

    private static List<String> path(String rawPath) {
        List<String> segments = new ArrayList<>();
        String[] raw = rawPath.split("/", -1);
        for (int i = 1; i < raw.length; i++) {
            if (i < raw.length - 1 || !raw[i].isEmpty()) {
                segments.add(URLDecoder.decode(raw[i].replace("+", "%2B"), StandardCharsets.UTF_8));
            }
        }
        return List.copyOf(segments);
    }

    private static Map<String, String> query(@Nullable String rawQuery) {
        Map<String, String> query = new HashMap<>();
        if (rawQuery != null && !rawQuery.isEmpty()) {
            for (String pair : rawQuery.split("&", -1)) {
                String[] parts = pair.split("=", 2);
                query.put(
                        URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                        parts.length == 1 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        return Map.copyOf(query);
    }

    boolean flag(String name) {
        return Boolean.parseBoolean(query.getOrDefault(name, "false"));
    }

    String subject(int place) {
        String subject = path.get(place);
        if (subject.isBlank()
                || subject.length() > MAX_SUBJECT_CHARS
                || subject.chars().anyMatch(Character::isISOControl)) {
            throw new RestException(
                    42208,
                    "The specified subject is not valid: it needs 1 to " + MAX_SUBJECT_CHARS
                            + " characters, none of them a control character");
        }
        return subject;
    }

    /** A version's number, or null for the latest. */
    @Nullable
    Integer version(int place) {
        String text = path.get(place);
        if (text.equals("latest") || text.equals("-1")) {
            return null;
        }
        int version = number(text);
        if (version < 1) {
            throw RestException.invalidVersion(text);
        }
        return version;
    }

    int schemaId(int place) {
        int id = number(path.get(place));
        if (id < 0) {
            throw RestException.noSuchPath();
        }
        return id;
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    JsonNode json() {
        JsonNode json;
        try {
            json = MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw new RestException(400, "The body is not JSON: " + e.getOriginalMessage());
        }
        if (!json.isObject()) {
            throw new RestException(422, "The body must be a JSON object");
        }
        return json;
    }

    Submission submission() {
        JsonNode json = json();
        JsonNode type = json.path("schemaType");
        if (!type.isMissingNode() && !type.isNull() && !type.asText().equals("AVRO")) {
            throw RestException.invalidSchema(
                    "Invalid schema type " + type.asText() + "; this registry knows AVRO alone");
        }
        if (!json.path("references").isEmpty()) {
            throw RestException.invalidSchema("This registry takes no schema references; put the named types inline");
        }
        JsonNode schema = json.path("schema");
        if (!schema.isTextual() || schema.asText().isBlank()) {
            throw RestException.invalidSchema(
                    "Empty schema: the member \"schema\" must hold the schema as a JSON string");
        }
        return new Submission(
                ParsedSchema.parse(schema.asText(), flag("normalize")),
                positive(json, "version"),
                positive(json, "id"));
    }

    /** Clients send -1 or leave it out where they mean none. */
    private static int positive(JsonNode json, String member) {
        return Math.max(0, json.path(member).asInt(0));
    }
}
