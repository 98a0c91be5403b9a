package io.sluice.localstack.testing;

import io.sluice.localstack.LocalServerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A version of PostgreSQL at either end of what is supported.
 *
 * <p>The build puts its programs into the folder {@code target/postgresql} of a module whose {@code pom.xml} asks for them:
 *
 * <pre>
 * &lt;plugin&gt;
 *   &lt;groupId&gt;org.apache.maven.plugins&lt;/groupId&gt;
 *   &lt;artifactId&gt;maven-dependency-plugin&lt;/artifactId&gt;
 *   &lt;executions&gt;
 *     &lt;execution&gt;&lt;id&gt;other-postgresql&lt;/id&gt;&lt;phase&gt;pre-integration-test&lt;/phase&gt;&lt;/execution&gt;
 *   &lt;/executions&gt;
 * &lt;/plugin&gt;
 * </pre>
 */
public enum PostgresVersion {
    /** 13, or the first after it whose programs can be had for this machine. */
    OLDEST,
    NEWEST;

    Path jar() {
        Path folder = Path.of("target", "postgresql", name().toLowerCase(Locale.ROOT));
        try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow(() -> new LocalServerException("No PostgreSQL in " + folder.toAbsolutePath()
                            + ". Run `mvn pre-integration-test`, whose part other-postgresql puts it there"));
        } catch (IOException e) {
            throw new LocalServerException("Can't read " + folder.toAbsolutePath() + ": " + e, e);
        }
    }
}
