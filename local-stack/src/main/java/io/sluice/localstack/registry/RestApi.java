package io.sluice.localstack.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.sluice.localstack.registry.Catalog.Version;
import io.sluice.localstack.registry.Registry.Submission;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/** Subjects, schemas and compatibility: from a request to the JSON that answers it. */
final class RestApi {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Registry registry;
    private final SettingsApi settings;

    RestApi(Registry registry) {
        this.registry = registry;
        this.settings = new SettingsApi(registry);
    }

    /** @throws RestException where the answer is an error */
    JsonNode answer(RestRequest request) {
        List<String> path = request.path();
        if (path.isEmpty()) {
            only(request, "GET");
            return JSON.objectNode();
        }
        return switch (path.get(0)) {
            case "subjects" -> subjects(request);
            case "schemas" -> schemas(request);
            case "compatibility" -> compatibility(request);
            case "config" -> settings.config(request);
            case "mode" -> settings.mode(request);
            case "contexts" -> {
                only(request, "GET");
                yield JSON.arrayNode().add(".");
            }
            case "health" -> {
                only(request, "GET");
                yield JSON.objectNode().put("status", "UP");
            }
            default -> throw RestException.noSuchPath();
        };
    }

    private JsonNode subjects(RestRequest request) {
        List<String> path = request.path();
        if (path.size() == 1) {
            only(request, "GET");
            String prefix = prefix(request);
            return strings(registry.subjects(which(request)).stream()
                    .filter(subject -> subject.startsWith(prefix))
                    .toList());
        }
        String subject = request.subject(1);
        if (path.size() == 2) {
            return switch (request.method()) {
                case "POST" ->
                    json(registry.lookUp(subject, request.submission().schema(), request.flag("deleted")));
                case "DELETE" -> numbers(registry.deleteSubject(subject, request.flag("permanent")));
                default -> throw RestException.methodNotAllowed();
            };
        }
        if (!path.get(2).equals("versions")) {
            throw RestException.noSuchPath();
        }
        return switch (path.size()) {
            case 3 -> versions(request, subject);
            case 4 -> version(request, subject);
            case 5 -> versionDetail(request, subject);
            default -> throw RestException.noSuchPath();
        };
    }

    private JsonNode versions(RestRequest request, String subject) {
        return switch (request.method()) {
            case "GET" ->
                numbers(registry.versions(subject, which(request)).stream()
                        .map(Version::version)
                        .toList());
            case "POST" -> JSON.objectNode().put("id", registry.register(subject, request.submission()));
            default -> throw RestException.methodNotAllowed();
        };
    }

    private JsonNode version(RestRequest request, String subject) {
        Integer version = request.version(3);
        return switch (request.method()) {
            case "GET" -> json(registry.version(subject, version, Registry.activeOr(request.flag("deleted"))));
            case "DELETE" -> JSON.numberNode(registry.deleteVersion(subject, version, request.flag("permanent")));
            default -> throw RestException.methodNotAllowed();
        };
    }

    private JsonNode versionDetail(RestRequest request, String subject) {
        only(request, "GET");
        Version version = registry.version(subject, request.version(3), Registry.activeOr(request.flag("deleted")));
        return switch (request.path().get(4)) {
            case "schema" -> raw(version.schema());
            case "referencedby" -> JSON.arrayNode();
            default -> throw RestException.noSuchPath();
        };
    }

    private JsonNode schemas(RestRequest request) {
        only(request, "GET");
        List<String> path = request.path();
        if (path.size() == 1) {
            return allSchemas(request);
        }
        if (path.size() == 2 && path.get(1).equals("types")) {
            return JSON.arrayNode().add("AVRO");
        }
        if (path.size() < 3 || path.size() > 4 || !path.get(1).equals("ids")) {
            throw RestException.noSuchPath();
        }
        int id = request.schemaId(2);
        if (path.size() == 3) {
            ObjectNode answer = JSON.objectNode().put("schema", registry.schema(id));
            return request.flag("fetchMaxId") ? answer.put("maxId", registry.maxId()) : answer;
        }
        return switch (path.get(3)) {
            case "schema" -> raw(registry.schema(id));
            case "subjects" ->
                strings(registry.uses(id, Registry.activeOr(request.flag("deleted"))).stream()
                        .map(Version::subject)
                        .distinct()
                        .toList());
            case "versions" -> {
                ArrayNode uses = JSON.arrayNode();
                registry.uses(id, Registry.activeOr(request.flag("deleted")))
                        .forEach(use ->
                                uses.addObject().put("subject", use.subject()).put("version", use.version()));
                yield uses;
            }
            default -> throw RestException.noSuchPath();
        };
    }

    private JsonNode allSchemas(RestRequest request) {
        Predicate<Version> which = Registry.activeOr(request.flag("deleted"));
        String prefix = prefix(request);
        ArrayNode schemas = JSON.arrayNode();
        for (String subject : registry.subjects(which)) {
            if (subject.startsWith(prefix)) {
                List<Version> versions = registry.versions(subject, which);
                int from = request.flag("latestOnly") ? versions.size() - 1 : 0;
                versions.subList(from, versions.size()).forEach(version -> schemas.add(json(version)));
            }
        }
        return schemas;
    }

    private JsonNode compatibility(RestRequest request) {
        List<String> path = request.path();
        if (path.size() < 4
                || path.size() > 5
                || !path.get(1).equals("subjects")
                || !path.get(3).equals("versions")) {
            throw RestException.noSuchPath();
        }
        only(request, "POST");
        String subject = request.subject(2);
        Submission submission = request.submission();
        List<Version> against = registry.versionsIfAny(subject);
        if (path.size() == 5) {
            Integer version = request.version(4);
            // A first schema is compatible with "latest", whereas a number must be there.
            against = version == null && against.isEmpty()
                    ? List.of()
                    : List.of(registry.version(subject, version, Registry.active()));
        }
        List<String> objections = registry.objections(subject, submission.schema(), against);
        ObjectNode answer = JSON.objectNode().put("is_compatible", objections.isEmpty());
        if (request.flag("verbose")) {
            answer.set("messages", strings(objections));
        }
        return answer;
    }

    private static Predicate<Version> which(RestRequest request) {
        return request.flag("deletedOnly") ? Version::deleted : Registry.activeOr(request.flag("deleted"));
    }

    /** The prefix {@code :*:} stands for all contexts, of which there is one here. */
    private static String prefix(RestRequest request) {
        String prefix = request.query().getOrDefault("subjectPrefix", "");
        return prefix.startsWith(":*:") ? prefix.substring(3) : prefix;
    }

    static void only(RestRequest request, String method) {
        if (!request.method().equals(method)) {
            throw RestException.methodNotAllowed();
        }
    }

    private static ObjectNode json(Version version) {
        return JSON.objectNode()
                .put("subject", version.subject())
                .put("version", version.version())
                .put("id", version.id())
                .put("schema", version.schema());
    }

    private static ArrayNode strings(Collection<String> values) {
        ArrayNode array = JSON.arrayNode();
        values.forEach(array::add);
        return array;
    }

    private static ArrayNode numbers(Collection<Integer> values) {
        ArrayNode array = JSON.arrayNode();
        values.forEach(array::add);
        return array;
    }

    /** A schema that is the whole answer goes out as the JSON that it is, not as a string. */
    private static JsonNode raw(String schema) {
        return JSON.rawValueNode(new RawValue(schema));
    }
}
