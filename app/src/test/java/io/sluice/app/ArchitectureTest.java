package io.sluice.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows of ARCHITECTURE.md. Nothing is exempt. */
class ArchitectureTest {

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.sluice");

    /** Who may use whom, itself and the JDK apart. */
    private static final Map<String, Set<String>> ARROWS = Map.of(
            "io.sluice.schemas", Set.of(),
            "io.sluice.localstack", Set.of(),
            "io.sluice.platform", Set.of("io.sluice.schemas"),
            "io.sluice.source", Set.of("io.sluice.schemas", "io.sluice.platform"),
            "io.sluice.transform", Set.of("io.sluice.schemas", "io.sluice.platform"),
            "io.sluice.sink", Set.of("io.sluice.schemas", "io.sluice.platform"),
            "io.sluice.control", Set.of("io.sluice.schemas", "io.sluice.platform", "io.sluice.transform.mapping"),
            "io.sluice.app",
                    Set.of(
                            "io.sluice.schemas",
                            "io.sluice.platform",
                            "io.sluice.source",
                            "io.sluice.transform",
                            "io.sluice.sink",
                            "io.sluice.control",
                            "io.sluice.localstack"));

    private static boolean isIn(JavaClass javaClass, String pack) {
        return javaClass.getPackageName().equals(pack)
                || javaClass.getPackageName().startsWith(pack + ".");
    }

    @ParameterizedTest
    @ValueSource(strings = {"schemas", "localstack", "platform", "source", "transform", "sink", "control", "app"})
    void aModuleUsesOnlyWhatItsArrowsPointTo(String module) {
        String root = "io.sluice." + module;
        Set<String> allowed = ARROWS.get(root);
        List<String> wrong = new ArrayList<>();
        for (JavaClass javaClass : ALL) {
            if (isIn(javaClass, root)) {
                javaClass.getDirectDependenciesFromSelf().stream()
                        .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                        .filter(target -> isIn(target, "io.sluice") && !isIn(target, root))
                        .filter(target -> allowed.stream().noneMatch(pack -> isIn(target, pack)))
                        .forEach(target -> wrong.add(javaClass.getName() + " -> " + target.getName()));
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyClassBelongsToAModule() {
        Set<String> strangers = new TreeSet<>();
        for (JavaClass javaClass : ALL) {
            if (ARROWS.keySet().stream().noneMatch(root -> isIn(javaClass, root))) {
                strangers.add(javaClass.getName());
            }
        }
        assertThat(strangers).isEmpty();
    }

    @Test
    void theModelAndThePipelineFileAreFreeOfFrameworks() {
        classes()
                .that()
                .resideInAnyPackage(
                        "io.sluice.schemas.model..", "io.sluice.schemas.pipeline..", "io.sluice.schemas.topic..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "io.sluice.schemas..")
                .check(ALL);
        noClasses()
                .that()
                .resideInAPackage("io.sluice.schemas..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..", "java.sql..", "org.postgresql..", "io.debezium..")
                .check(ALL);
    }

    @Test
    void debeziumIsImportedByTheSourceAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.sluice.source..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.debezium..", "org.apache.kafka.connect..")
                .check(ALL);
    }

    @Test
    void kafkaStreamsIsImportedByTheTransformAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.sluice.transform..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka.streams..")
                .check(ALL);
    }

    @Test
    void mappingsKnowNoKafka() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.transform.mapping..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .check(ALL);
    }

    @Test
    void thePureBatchKnowsNoKafkaAndNoDatabase() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.sink.batch..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..", "java.sql..", "org.postgresql..")
                .check(ALL);
    }

    @Test
    void packagesFormNoCycles() {
        SlicesRuleDefinition.slices()
                .matching("io.sluice.(*).(*)..")
                .should()
                .beFreeOfCycles()
                .check(ALL);
    }

    @Test
    void everyPackageSaysWhatItIsForAndIsNullMarked() {
        ArchCondition<JavaClass> liveInANullMarkedPackage = new ArchCondition<>("live in a @NullMarked package") {
            @Override
            public void check(JavaClass javaClass, ConditionEvents events) {
                JavaPackage pack = javaClass.getPackage();
                if (!pack.isAnnotatedWith(NullMarked.class)) {
                    events.add(SimpleConditionEvent.violated(javaClass, pack.getName() + " is not"));
                }
            }
        };
        classes().should(liveInANullMarkedPackage).check(ALL);
    }

    @Test
    void nothingIsCalledUtilCommonHelperOrManager() {
        noClasses()
                .should()
                .resideInAnyPackage("..util..", "..utils..", "..common..", "..helper..", "..helpers..", "..manager..")
                .check(ALL);
    }

    @Test
    void nothingMutableIsStatic() {
        List<String> wrong = new ArrayList<>();
        for (JavaClass javaClass : ALL) {
            javaClass.getFields().stream()
                    .filter(field ->
                            field.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.STATIC))
                    .filter(field ->
                            !field.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.FINAL))
                    .forEach(field -> wrong.add(field.getFullName()));
        }
        assertThat(wrong).isEmpty();
    }
}
