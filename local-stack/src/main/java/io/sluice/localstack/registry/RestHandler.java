package io.sluice.localstack.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** HTTP around the {@link RestApi}: credentials, content type, and every failure as a numbered error. */
final class RestHandler implements HttpHandler {

    private static final Logger LOG = LoggerFactory.getLogger(RestHandler.class);

    private final ObjectMapper mapper = new ObjectMapper();
    private final RestApi api;
    private final int maxBodyBytes;
    private final @Nullable String authorization;

    RestHandler(RestApi api, int maxBodyBytes, LocalRegistry.@Nullable BasicAuth basicAuth) {
        this.api = api;
        this.maxBodyBytes = maxBodyBytes;
        this.authorization = basicAuth == null ? null : "Basic " + encode(basicAuth);
    }

    private static String encode(LocalRegistry.BasicAuth auth) {
        byte[] pair = (auth.user() + ":" + auth.password()).getBytes(StandardCharsets.UTF_8);
        return Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            int status = 200;
            JsonNode answer;
            try {
                refuseStrangers(exchange);
                answer = api.answer(RestRequest.read(exchange, maxBodyBytes));
            } catch (RestException e) {
                status = e.status();
                answer = error(e.errorCode(), String.valueOf(e.getMessage()));
            } catch (Registry.JournalException e) {
                LOG.error("An event could not be written, so the request was refused", e);
                status = 500;
                answer = error(50001, "Error in the backend data store");
            } catch (RuntimeException e) {
                LOG.error("A request failed", e);
                status = 500;
                answer = error(500, "Internal Server Error");
            }
            respond(exchange, status, answer);
        }
    }

    private void refuseStrangers(HttpExchange exchange) {
        if (authorization == null) {
            return;
        }
        String given = exchange.getRequestHeaders().getFirst("Authorization");
        if (given == null
                || !MessageDigest.isEqual(
                        given.getBytes(StandardCharsets.UTF_8), authorization.getBytes(StandardCharsets.UTF_8))) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"registry\"");
            throw new RestException(401, "Unauthorized");
        }
    }

    private static JsonNode error(int code, String message) {
        return JsonNodeFactory.instance.objectNode().put("error_code", code).put("message", message);
    }

    private void respond(HttpExchange exchange, int status, JsonNode answer) throws IOException {
        byte[] body = mapper.writeValueAsBytes(answer);
        exchange.getResponseHeaders().set("Content-Type", "application/vnd.schemaregistry.v1+json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
