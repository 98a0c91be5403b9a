package io.sluice.app.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import io.sluice.app.PublishedMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** k8s/, rendered by kustomize and read by Kubernetes' own strict model: all that it names is there. */
class KubernetesIT {

    private static final Gson GSON = new GsonBuilder()
            .registerTypeAdapter(OffsetDateTime.class, (JsonDeserializer<OffsetDateTime>)
                    (text, type, context) -> OffsetDateTime.parse(text.getAsString()))
            .create();
    private static final Map<String, Check> KINDS = Map.of(
            "Deployment", V1Deployment::validateJsonElement,
            "Service", V1Service::validateJsonElement,
            "ServiceAccount", V1ServiceAccount::validateJsonElement,
            "ConfigMap", V1ConfigMap::validateJsonElement,
            "NetworkPolicy", V1NetworkPolicy::validateJsonElement,
            "PodDisruptionBudget", V1PodDisruptionBudget::validateJsonElement,
            "HorizontalPodAutoscaler", V2HorizontalPodAutoscaler::validateJsonElement);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private interface Check {
        void accept(JsonElement object) throws IOException;
    }

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> render(String overlay) throws Exception {
        String text = Tool.run(folder.resolve("rendered.yaml"), "kustomize", "build", "k8s/overlays/" + overlay);
        List<Map<String, Object>> objects = new ArrayList<>();
        new Load(LoadSettings.builder().build())
                .loadAllFromString(text)
                .forEach(each -> objects.add((Map<String, Object>) each));
        return objects;
    }

    private static Stream<JsonElement> ofKind(List<Map<String, Object>> objects, String kind) {
        return objects.stream()
                .filter(object -> object.get("kind").equals(kind))
                .map(GSON::toJsonTree);
    }

    @ParameterizedTest
    @ValueSource(strings = {"staging", "production"})
    void everyObjectIsOneThatKubernetesKnows(String overlay) throws Exception {
        List<Map<String, Object>> objects = render(overlay);
        assertThat(objects).hasSizeGreaterThan(6);
        for (Map<String, Object> object : objects) {
            String kind = object.get("kind").toString();
            if (kind.equals("ServiceMonitor")) {
                continue;
            }
            assertThat(KINDS).as("a kind that nobody checks").containsKey(kind);
            KINDS.get(kind).accept(GSON.toJsonTree(object));
        }
        assertThat(objects).as("secrets are named, never brought").noneMatch(object -> object.get("kind")
                .equals("Secret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"staging", "production"})
    void eachRoleRunsAsNobodyWithWhatIsMounted(String overlay) throws Exception {
        List<Map<String, Object>> objects = render(overlay);
        List<String> roles = new ArrayList<>();
        for (JsonElement element : ofKind(objects, "Deployment").toList()) {
            V1PodSpec pod = GSON.fromJson(element, V1Deployment.class)
                    .getSpec()
                    .getTemplate()
                    .getSpec();
            V1Container container = pod.getContainers().get(0);
            RoleArguments arguments = new RoleArguments(container.getArgs());
            roles.add(arguments.option("--role"));
            assertThat(container.getName()).isEqualTo(arguments.option("--role"));
            assertThat(container.getPorts().get(0).getContainerPort()).isEqualTo(arguments.port());
            List<String> mounts = container.getVolumeMounts().stream()
                    .map(mount -> mount.getMountPath())
                    .toList();
            assertThat(arguments.files()).allMatch(file -> mounts.stream().anyMatch(file::startsWith));
            assertThat(mounts).contains(arguments.option("--data"));
            assertThat(container.getVolumeMounts()).allSatisfy(mount -> assertThat(pod.getVolumes())
                    .anyMatch(volume -> volume.getName().equals(mount.getName())));
            assertThat(List.of(
                            container.getLivenessProbe().getHttpGet().getPath(),
                            container.getReadinessProbe().getHttpGet().getPath(),
                            container.getStartupProbe().getHttpGet().getPath()))
                    .containsExactly("/live", "/ready", "/live");
            assertThat(container.getReadinessProbe().getHttpGet().getScheme()).isEqualTo("HTTPS");
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .isFalse();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
            assertThat(container.getResources().getLimits()).containsKey("memory");
            assertThat(container.getImage()).doesNotEndWith(":latest").contains(":");
        }
        assertThat(roles).containsExactlyInAnyOrder("source", "transform", "sink");
    }

    @ParameterizedTest
    @ValueSource(strings = {"staging", "production"})
    void thePipelineThatIsMountedRuns(String overlay) throws Exception {
        V1ConfigMap map =
                GSON.fromJson(ofKind(render(overlay), "ConfigMap").findFirst().orElseThrow(), V1ConfigMap.class);
        Path file = folder.resolve("pipeline.yaml");
        Files.writeString(file, map.getData().get("pipeline.yaml"));
        DeployedPipeline.read(
                file,
                Map.of(
                        "MONOLITH_URL", "postgresql://monolith:5432/monolith",
                        "BILLING_URL", "postgresql://billing:5432/billing",
                        "CONTROL_URL", "postgresql://billing:5432/control"));
    }

    @ParameterizedTest
    @ValueSource(strings = "production")
    void theScalerAndTheMonitorWatchWhatIsThere(String overlay) throws Exception {
        List<Map<String, Object>> objects = render(overlay);
        List<String> deployments = ofKind(objects, "Deployment")
                .map(each ->
                        GSON.fromJson(each, V1Deployment.class).getMetadata().getName())
                .toList();
        V2HorizontalPodAutoscaler scaler = GSON.fromJson(
                ofKind(objects, "HorizontalPodAutoscaler").findFirst().orElseThrow(), V2HorizontalPodAutoscaler.class);
        assertThat(deployments).contains(scaler.getSpec().getScaleTargetRef().getName());
        scaler.getSpec()
                .getMetrics()
                .forEach(metric ->
                        PublishedMetrics.check(metric.getPods().getMetric().getName(), "the scaler"));
        ofKind(objects, "PodDisruptionBudget")
                .map(each -> GSON.fromJson(each, V1PodDisruptionBudget.class))
                .forEach(budget -> assertThat(deployments)
                        .contains("sluice-"
                                + budget.getSpec()
                                        .getSelector()
                                        .getMatchLabels()
                                        .get("app.kubernetes.io/component")));
        String monitor =
                ofKind(objects, "ServiceMonitor").findFirst().orElseThrow().toString();
        V1Service service = GSON.fromJson(ofKind(objects, "Service").findFirst().orElseThrow(), V1Service.class);
        assertThat(monitor)
                .contains("\"port\":\"" + service.getSpec().getPorts().get(0).getName() + "\"")
                .contains("\"path\":\"/metrics\"");
        assertThat(service.getMetadata().getLabels())
                .containsEntry("app.kubernetes.io/name", "sluice")
                .containsEntry("app.kubernetes.io/component", "ops");
    }
}
