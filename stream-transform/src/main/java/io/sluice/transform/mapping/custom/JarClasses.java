package io.sluice.transform.mapping.custom;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** What a jar, or a folder of classes, holds; bounded, for it stays in memory as long as the mapper. */
final class JarClasses {

    private static final int MOST_BYTES = 64 << 20;
    private static final String SUFFIX = ".class";

    private final Map<String, byte[]> files;

    private JarClasses(Map<String, byte[]> files) {
        this.files = files;
    }

    static JarClasses read(Path jar) throws UnusableMapperException {
        Map<String, byte[]> files = new HashMap<>();
        try {
            if (Files.isDirectory(jar)) {
                readFolder(jar, files);
            } else {
                readJar(jar, files);
            }
        } catch (IOException | UncheckedIOException e) {
            throw Files.exists(jar)
                    ? new UnusableMapperException(
                            jar + " can't be read as a jar", "build it anew, and check its rights")
                    : new UnusableMapperException(
                            "there is no file " + jar,
                            "build it, or mend the path: a relative one starts at the pipeline file's folder");
        }
        if (files.isEmpty()) {
            throw new UnusableMapperException(jar + " holds no classes", "name a jar, or a folder of classes");
        }
        return new JarClasses(files);
    }

    private static void readJar(Path jar, Map<String, byte[]> files) throws IOException, UnusableMapperException {
        long left = MOST_BYTES;
        try (InputStream in = Files.newInputStream(jar);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!entry.isDirectory()) {
                    byte[] bytes = zip.readNBytes((int) left + 1);
                    left = keep(jar, entry.getName(), bytes, left, files);
                }
            }
        }
    }

    private static void readFolder(Path folder, Map<String, byte[]> files) throws IOException, UnusableMapperException {
        long left = MOST_BYTES;
        List<Path> found;
        try (Stream<Path> walk = Files.walk(folder)) {
            found = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : found) {
            String name = folder.relativize(file)
                    .toString()
                    .replace(file.getFileSystem().getSeparator(), "/");
            try (InputStream in = Files.newInputStream(file)) {
                left = keep(folder, name, in.readNBytes((int) left + 1), left, files);
            }
        }
    }

    private static long keep(Path jar, String name, byte[] bytes, long left, Map<String, byte[]> files)
            throws UnusableMapperException {
        if (bytes.length > left) {
            throw new UnusableMapperException(
                    jar + " holds more than " + (MOST_BYTES >> 20) + " MiB", "leave out what the mapper does not need");
        }
        files.putIfAbsent(name, bytes);
        return left - bytes.length;
    }

    /** Null where there is none. */
    byte @org.jspecify.annotations.Nullable [] file(String name) {
        return files.get(name);
    }

    List<String> classNames() {
        return files.keySet().stream()
                .filter(name -> name.endsWith(SUFFIX) && !name.contains("-info") && !name.startsWith("META-INF/"))
                .map(name -> name.substring(0, name.length() - SUFFIX.length()).replace('/', '.'))
                .sorted()
                .toList();
    }
}
