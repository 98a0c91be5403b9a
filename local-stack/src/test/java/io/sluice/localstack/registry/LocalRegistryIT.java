package io.sluice.localstack.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.localstack.registry.LocalRegistry.Options;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalRegistryIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ID_ONLY = record("{'name':'id','type':'long'}");
    private static final String WITH_OPTIONAL =
            record("{'name':'id','type':'long'},{'name':'n','type':'int','default':0}");
    private static final String WITH_REQUIRED = record("{'name':'id','type':'long'},{'name':'n','type':'int'}");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    Path folder;

    private LocalRegistry registry;

    @BeforeEach
    void start() throws IOException {
        registry = LocalRegistry.startTemporary();
    }

    @AfterEach
    void stop() throws IOException {
        registry.close();
    }

    private static String record(String fields) {
        return ("{'type':'record','name':'R','fields':[" + fields + "]}").replace('\'', '"');
    }

    private static String body(String schema) {
        return JSON.createObjectNode().put("schema", schema).toString();
    }

    private record Answer(int status, JsonNode json) {
        int errorCode() {
            return json.path("error_code").asInt();
        }
    }

    private Answer call(String method, String path, String body) throws IOException, InterruptedException {
        return call(registry.url(), method, path, body);
    }

    private Answer call(String url, String method, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/vnd.schemaregistry.v1+json");
        return new Answer(response.statusCode(), JSON.readTree(response.body()));
    }

    private Answer get(String path) throws IOException, InterruptedException {
        return call("GET", path, "");
    }

    private int register(String subject, String schema) throws IOException, InterruptedException {
        Answer answer = call("POST", "/subjects/" + subject + "/versions", body(schema));
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        return answer.json().path("id").asInt();
    }

    private void fails(Answer answer, int status, int errorCode) {
        assertThat(answer.errorCode()).as("%s", answer.json()).isEqualTo(errorCode);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().path("message").asText()).isNotBlank();
    }

    @Test
    void theSameSchemaHasTheSameIdUnderEverySubjectAndNoSecondVersion() throws Exception {
        int id = register("a-value", ID_ONLY);

        assertThat(register("a-value", " " + ID_ONLY)).isEqualTo(id);
        assertThat(register("b-value", ID_ONLY)).isEqualTo(id);
        assertThat(register("b-value", WITH_OPTIONAL)).isNotEqualTo(id);
        assertThat(get("/subjects/a-value/versions").json()).hasToString("[1]");
        assertThat(get("/subjects/b-value/versions").json()).hasToString("[1,2]");
        assertThat(get("/schemas/ids/" + id + "/subjects").json()).hasToString("[\"a-value\",\"b-value\"]");
        assertThat(get("/schemas/ids/" + id + "/versions").json())
                .hasToString("[{\"subject\":\"a-value\",\"version\":1},{\"subject\":\"b-value\",\"version\":1}]");
        assertThat(get("/schemas?latestOnly=true").json()).hasSize(2);
    }

    @Test
    void aSchemaIsFoundByIdVersionAndContent() throws Exception {
        int id = register("odd%2Fname+%C3%A9", ID_ONLY);
        String path = "/subjects/odd%2Fname+%C3%A9";

        JsonNode latest = get(path + "/versions/latest").json();
        assertThat(latest.path("subject").asText()).isEqualTo("odd/name+é");
        assertThat(latest.path("id").asInt()).isEqualTo(id);
        assertThat(latest.path("version").asInt()).isEqualTo(1);
        assertThat(JSON.readTree(latest.path("schema").asText())).isEqualTo(JSON.readTree(ID_ONLY));
        assertThat(get(path + "/versions/1").json()).isEqualTo(latest);
        assertThat(call("POST", path, body(ID_ONLY)).json()).isEqualTo(latest);
        assertThat(get("/schemas/ids/" + id).json().path("schema")).isEqualTo(latest.path("schema"));
        assertThat(get(path + "/versions/1/schema").json()).isEqualTo(JSON.readTree(ID_ONLY));
        assertThat(get("/schemas/ids/" + id + "/schema").json()).isEqualTo(JSON.readTree(ID_ONLY));
        assertThat(get("/schemas/types").json()).hasToString("[\"AVRO\"]");
        assertThat(get("/").json()).hasToString("{}");
    }

    @Test
    void whatIsNotThereIsAnsweredWithItsOwnCode() throws Exception {
        register("a-value", ID_ONLY);

        fails(get("/schemas/ids/99"), 404, 40403);
        fails(get("/schemas/ids/99/subjects"), 404, 40403);
        fails(get("/subjects/b-value/versions"), 404, 40401);
        fails(get("/subjects/b-value/versions/1"), 404, 40401);
        fails(get("/subjects/a-value/versions/2"), 404, 40402);
        fails(get("/subjects/a-value/versions/0"), 422, 42202);
        fails(get("/subjects/a-value/versions/first"), 422, 42202);
        fails(call("POST", "/subjects/b-value", body(ID_ONLY)), 404, 40401);
        fails(call("POST", "/subjects/a-value", body(WITH_OPTIONAL)), 404, 40403);
        fails(get("/config/a-value"), 404, 40408);
        fails(get("/mode/a-value"), 404, 40409);
        fails(call("DELETE", "/config/a-value", ""), 404, 40401);
        fails(call("POST", "/compatibility/subjects/a-value/versions/7", body(ID_ONLY)), 404, 40402);
        fails(get("/nonsense"), 404, 404);
        fails(call("PUT", "/subjects", ""), 405, 405);
    }

    @Test
    void badInputIsRefusedWithTheReasonAndBounded() throws Exception {
        fails(call("POST", "/subjects/a/versions", "{\"schema\":"), 400, 400);
        fails(call("POST", "/subjects/a/versions", ""), 422, 422);
        fails(call("POST", "/subjects/a/versions", "[]"), 422, 422);
        fails(call("POST", "/subjects/a/versions", "{}"), 422, 42201);
        fails(call("POST", "/subjects/a/versions", body("{\"type\":\"unheard-of\"}")), 422, 42201);
        fails(call("POST", "/subjects/a/versions", "{\"schemaType\":\"PROTOBUF\",\"schema\":\"x\"}"), 422, 42201);
        fails(call("POST", "/subjects/%20/versions", body(ID_ONLY)), 422, 42208);
        fails(call("POST", "/subjects/a%00b/versions", body(ID_ONLY)), 422, 42208);
        fails(call("POST", "/subjects/" + "s".repeat(1025) + "/versions", body(ID_ONLY)), 422, 42208);
        fails(call("PUT", "/config", "{\"compatibility\":\"SIDEWAYS\"}"), 422, 42203);
        fails(call("PUT", "/mode", "{\"mode\":\"SIDEWAYS\"}"), 422, 42204);
        assertThat(get("/subjects").json()).isEmpty();

        registry.close();
        registry = LocalRegistry.start(Options.temporary().withMaxBodyBytes(1000));
        fails(call("POST", "/subjects/a/versions", body(" ".repeat(2000) + ID_ONLY)), 413, 413);
        register("a", ID_ONLY);
    }

    @Test
    void everyLevelLetsThroughWhatItShould() throws Exception {
        // In order: a field with a default is added, one without is added, a field without a default is taken away.
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("NONE", "yes yes yes");
        expected.put("BACKWARD", "yes no yes");
        expected.put("FORWARD", "yes yes no");
        expected.put("FULL", "yes no no");
        for (Map.Entry<String, String> level : expected.entrySet()) {
            String subject = level.getKey();
            call("PUT", "/config/" + subject, "{\"compatibility\":\"" + level.getKey() + "\"}");
            register(subject, ID_ONLY);
            String verdicts = verdict(subject, WITH_OPTIONAL) + " " + verdict(subject, WITH_REQUIRED);
            subject += "-2";
            call("PUT", "/config/" + subject, "{\"compatibility\":\"" + level.getKey() + "\"}");
            register(subject, WITH_REQUIRED);
            assertThat(verdicts + " " + verdict(subject, ID_ONLY))
                    .as(level.getKey())
                    .isEqualTo(level.getValue());
        }
    }

    private String verdict(String subject, String schema) throws IOException, InterruptedException {
        Answer answer =
                call("POST", "/compatibility/subjects/" + subject + "/versions/latest?verbose=true", body(schema));
        boolean compatible = answer.json().path("is_compatible").asBoolean();
        assertThat(answer.json().path("messages").isEmpty()).isEqualTo(compatible);
        return compatible ? "yes" : "no";
    }

    @Test
    void aTransitiveLevelLooksAtEveryVersionAndThePlainOneAtTheLast() throws Exception {
        String first = record("{'name':'id','type':'long'},{'name':'x','type':'int'}");
        String third = record("{'name':'id','type':'long'},{'name':'x','type':'string','default':''}");
        register("s", first);
        register("s", ID_ONLY);

        assertThat(call("POST", "/compatibility/subjects/s/versions", body(third))
                        .json())
                .hasToString("{\"is_compatible\":true}");
        assertThat(call("POST", "/compatibility/subjects/s/versions/1", body(third))
                        .json())
                .hasToString("{\"is_compatible\":false}");
        call("PUT", "/config/s", "{\"compatibility\":\"BACKWARD_TRANSITIVE\"}");
        assertThat(call("POST", "/compatibility/subjects/s/versions", body(third))
                        .json())
                .hasToString("{\"is_compatible\":false}");
        fails(call("POST", "/subjects/s/versions", body(third)), 409, 409);
    }

    @Test
    void anIncompatibleSchemaIsRefusedAndTheMessageNamesSubjectFieldAndVersion() throws Exception {
        register("s", ID_ONLY);

        Answer answer = call("POST", "/subjects/s/versions", body(WITH_REQUIRED));

        fails(answer, 409, 409);
        assertThat(answer.json().path("message").asText())
                .contains("subject \"s\"", "READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/1", "oldSchemaVersion: 1");
        assertThat(call("POST", "/compatibility/subjects/fresh/versions/latest", body(WITH_REQUIRED))
                        .json())
                .as("a first schema")
                .hasToString("{\"is_compatible\":true}");
    }

    @Test
    void levelsAreSetAndTakenAwayForAllAndForOne() throws Exception {
        assertThat(get("/config").json()).hasToString("{\"compatibilityLevel\":\"BACKWARD\"}");
        assertThat(call("PUT", "/config", "{\"compatibility\":\"full\"}").json())
                .hasToString("{\"compatibility\":\"FULL\"}");
        assertThat(get("/config/s?defaultToGlobal=true").json()).hasToString("{\"compatibilityLevel\":\"FULL\"}");
        call("PUT", "/config/s", "{\"compatibility\":\"NONE\"}");
        assertThat(get("/config/s").json()).hasToString("{\"compatibilityLevel\":\"NONE\"}");
        assertThat(call("DELETE", "/config/s", "").json()).hasToString("{\"compatibilityLevel\":\"NONE\"}");
        fails(get("/config/s"), 404, 40408);
        call("DELETE", "/config", "");
        assertThat(get("/config").json()).hasToString("{\"compatibilityLevel\":\"BACKWARD\"}");
    }

    @Test
    void deletingIsSoftFirstAndPermanentAfterwards() throws Exception {
        int first = register("s", ID_ONLY);
        int second = register("s", WITH_OPTIONAL);

        fails(call("DELETE", "/subjects/s?permanent=true", ""), 404, 40405);
        fails(call("DELETE", "/subjects/s/versions/1?permanent=true", ""), 404, 40407);
        assertThat(call("DELETE", "/subjects/s/versions/1", "").json()).hasToString("1");
        fails(call("DELETE", "/subjects/s/versions/1", ""), 404, 40406);
        fails(get("/subjects/s/versions/1"), 404, 40402);
        assertThat(get("/subjects/s/versions/1?deleted=true").status()).isEqualTo(200);
        assertThat(get("/subjects/s/versions?deletedOnly=true").json()).hasToString("[1]");
        assertThat(get("/schemas/ids/" + first).status())
                .as("records still need it")
                .isEqualTo(200);

        assertThat(call("DELETE", "/subjects/s", "").json()).hasToString("[2]");
        fails(call("DELETE", "/subjects/s", ""), 404, 40404);
        assertThat(get("/subjects").json()).hasToString("[]");
        assertThat(get("/subjects?deleted=true").json()).hasToString("[\"s\"]");
        assertThat(register("s", WITH_OPTIONAL)).as("its old id").isEqualTo(second);
        assertThat(get("/subjects/s/versions").json()).as("a new number").hasToString("[3]");

        call("DELETE", "/subjects/s", "");
        assertThat(call("DELETE", "/subjects/s?permanent=true", "").json()).hasToString("[1,2,3]");
        fails(get("/schemas/ids/" + first), 404, 40403);
        fails(call("DELETE", "/subjects/s", ""), 404, 40401);
        assertThat(register("s", ID_ONLY)).as("an id is never given twice").isGreaterThan(second);
        assertThat(get("/subjects/s/versions").json()).hasToString("[1]");
    }

    @Test
    void aReadOnlySubjectTakesNothingNewAndAnImportBringsItsIds() throws Exception {
        int id = register("s", ID_ONLY);
        assertThat(call("PUT", "/mode/s", "{\"mode\":\"READONLY\"}").json()).hasToString("{\"mode\":\"READONLY\"}");
        fails(call("POST", "/subjects/s/versions", body(WITH_OPTIONAL)), 422, 42205);
        fails(call("DELETE", "/subjects/s", ""), 422, 42205);
        assertThat(register("s", ID_ONLY)).as("what is there is found").isEqualTo(id);
        assertThat(call("DELETE", "/mode/s", "").json()).hasToString("{\"mode\":\"READONLY\"}");
        register("s", WITH_OPTIONAL);

        fails(call("PUT", "/mode/s", "{\"mode\":\"IMPORT\"}"), 422, 42205);
        String withId = body(WITH_REQUIRED).replaceFirst("\\{", "{\"id\":77,\"version\":5,");
        fails(call("POST", "/subjects/t/versions", withId), 422, 42205);
        call("PUT", "/mode/t", "{\"mode\":\"IMPORT\"}");
        fails(call("POST", "/subjects/t/versions", body(WITH_REQUIRED)), 422, 42205);
        assertThat(call("POST", "/subjects/t/versions", withId).json()).hasToString("{\"id\":77}");
        assertThat(get("/subjects/t/versions").json()).hasToString("[5]");
        fails(call("POST", "/subjects/t/versions", withId.replace("\\\"n\\\"", "\\\"m\\\"")), 422, 42205);
    }

    @Test
    void everythingSurvivesARestart() throws Exception {
        registry.close();
        registry = LocalRegistry.start(folder);
        int id = register("s", ID_ONLY);
        register("s", WITH_OPTIONAL);
        register("gone", WITH_REQUIRED);
        call("DELETE", "/subjects/gone", "");
        call("DELETE", "/subjects/gone?permanent=true", "");
        call("PUT", "/config/s", "{\"compatibility\":\"FULL\"}");
        call("PUT", "/mode", "{\"mode\":\"READONLY\"}");
        registry.close();

        registry = LocalRegistry.start(folder);

        assertThat(get("/subjects?deleted=true").json()).hasToString("[\"s\"]");
        assertThat(get("/subjects/s/versions").json()).hasToString("[1,2]");
        assertThat(get("/schemas/ids/" + id).status()).isEqualTo(200);
        assertThat(get("/config/s").json()).hasToString("{\"compatibilityLevel\":\"FULL\"}");
        assertThat(get("/mode").json()).hasToString("{\"mode\":\"READONLY\"}");
        call("DELETE", "/mode", "");
        assertThat(register("t", WITH_REQUIRED))
                .as("an id of a deleted schema stays taken")
                .isEqualTo(4);
        assertThatThrownBy(() -> LocalRegistry.start(folder)).hasMessageContaining("another schema registry");
    }

    @Test
    void nothingAcknowledgedIsLostByKillMinusNine() throws Exception {
        Map<String, Integer> acknowledged = new LinkedHashMap<>();
        for (int round = 0; round < 3; round++) {
            Process child = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            LocalRegistry.class.getName(),
                            folder.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader out =
                    new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                String url = out.readLine();
                for (Map.Entry<String, Integer> entry : acknowledged.entrySet()) {
                    JsonNode found = call(url, "GET", "/subjects/" + entry.getKey() + "/versions/latest", "")
                            .json();
                    assertThat(found.path("id").asInt()).isEqualTo(entry.getValue());
                }
                Thread killer = new Thread(() -> child.destroyForcibly());
                for (int i = 0; i < 200; i++) {
                    String subject = "s-" + round + "-" + i;
                    if (i == 20 + 30 * round) {
                        killer.start();
                    }
                    try {
                        JsonNode answer = call(
                                        url,
                                        "POST",
                                        "/subjects/" + subject + "/versions",
                                        body(record("{'name':'f" + round + "_" + i + "','type':'int'}")))
                                .json();
                        acknowledged.put(subject, answer.path("id").asInt());
                    } catch (IOException e) {
                        break;
                    }
                }
                killer.join();
            } finally {
                child.destroyForcibly();
                assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
            }
        }
        assertThat(acknowledged).hasSizeGreaterThan(100);
        assertThat(acknowledged.values()).doesNotHaveDuplicates();
        registry.close();
        registry = LocalRegistry.start(folder);
        assertThat(get("/subjects").json().size()).isGreaterThanOrEqualTo(acknowledged.size());
    }

    @Test
    void withBasicAuthOnlyTheRightCredentialsEnter() throws Exception {
        registry.close();
        registry = LocalRegistry.start(Options.temporary().withBasicAuth("alice", "s3cret"));

        fails(get("/subjects"), 401, 401);
        HttpResponse<String> allowed = http.send(
                HttpRequest.newBuilder(URI.create(registry.url() + "/subjects"))
                        .header("Authorization", "Basic YWxpY2U6czNjcmV0")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(allowed.statusCode()).isEqualTo(200);
        assertThat(Options.temporary().withBasicAuth("alice", "s3cret").toString())
                .doesNotContain("s3cret");
    }
}
