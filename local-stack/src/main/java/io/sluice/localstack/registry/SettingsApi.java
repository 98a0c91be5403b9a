package io.sluice.localstack.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code /config} and {@code /mode}, for the whole registry or one subject. */
final class SettingsApi {

    private final Registry registry;

    SettingsApi(Registry registry) {
        this.registry = registry;
    }

    JsonNode config(RestRequest request) {
        String subject = subject(request);
        return switch (request.method()) {
            case "GET" -> level(effectiveLevel(request, subject));
            case "PUT" -> {
                CompatibilityLevel level = CompatibilityLevel.named(
                                request.json().path("compatibility").asText())
                        .orElseThrow(() -> new RestException(
                                42203,
                                "Invalid compatibility level. Valid values are none, backward, forward, full, "
                                        + "backward_transitive, forward_transitive, and full_transitive"));
                registry.setLevel(subject, level);
                yield member("compatibility", level);
            }
            case "DELETE" -> {
                CompatibilityLevel before = subject == null
                        ? registry.level()
                        : registry.level(subject).orElseThrow(() -> RestException.subjectNotFound(subject));
                registry.setLevel(subject, null);
                yield level(before);
            }
            default -> throw RestException.methodNotAllowed();
        };
    }

    private CompatibilityLevel effectiveLevel(RestRequest request, @Nullable String subject) {
        if (subject == null) {
            return registry.level();
        }
        return orGlobal(request, registry.level(subject), registry.level())
                .orElseThrow(() -> new RestException(
                        40408, "Subject '" + subject + "' does not have subject-level compatibility configured"));
    }

    JsonNode mode(RestRequest request) {
        String subject = subject(request);
        return switch (request.method()) {
            case "GET" -> member("mode", effectiveMode(request, subject));
            case "PUT" -> {
                Mode mode = Mode.named(request.json().path("mode").asText())
                        .filter(named -> subject == null || named != Mode.READONLY_OVERRIDE)
                        .orElseThrow(() -> new RestException(
                                42204,
                                "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE (without a "
                                        + "subject), and IMPORT"));
                registry.setMode(subject, mode, request.flag("force"));
                yield member("mode", mode);
            }
            case "DELETE" -> {
                Mode before = subject == null
                        ? registry.mode()
                        : registry.mode(subject).orElseThrow(() -> RestException.subjectNotFound(subject));
                registry.setMode(subject, null, false);
                yield member("mode", before);
            }
            default -> throw RestException.methodNotAllowed();
        };
    }

    private Mode effectiveMode(RestRequest request, @Nullable String subject) {
        if (subject == null) {
            return registry.mode();
        }
        return orGlobal(request, registry.mode(subject), registry.mode())
                .orElseThrow(() -> new RestException(
                        40409, "Subject '" + subject + "' does not have subject-level mode configured"));
    }

    private static <T> Optional<T> orGlobal(RestRequest request, Optional<T> own, T global) {
        return own.isPresent() || !request.flag("defaultToGlobal") ? own : Optional.of(global);
    }

    private static @Nullable String subject(RestRequest request) {
        List<String> path = request.path();
        if (path.size() > 2) {
            throw RestException.noSuchPath();
        }
        return path.size() == 1 ? null : request.subject(1);
    }

    private static ObjectNode level(CompatibilityLevel level) {
        return member("compatibilityLevel", level);
    }

    private static ObjectNode member(String name, Enum<?> value) {
        return JsonNodeFactory.instance.objectNode().put(name, value.name());
    }
}
