package io.sluice.transform.mapping.custom;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles a user's Java against what is published, with the JDK's own compiler. */
final class JavaSources {

    private JavaSources() {}

    static void compile(Path source, Path classes) {
        try {
            Files.createDirectories(classes);
            JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
            try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
                String published = java.util.Arrays.stream(
                                System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> entry.contains("schemas") || entry.contains("jspecify"))
                        .collect(java.util.stream.Collectors.joining(File.pathSeparator));
                boolean compiled = compiler.getTask(
                                null,
                                files,
                                null,
                                List.of("-proc:none", "-cp", published, "-d", classes.toString()),
                                null,
                                files.getJavaFileObjects(source))
                        .call();
                assertThat(compiled).isTrue();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
