package io.sluice.localstack.postgres;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.process.Trees;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs for this machine, unpacked once per user and version. */
final class Binaries {

    private static final Set<PosixFilePermission> EXECUTABLE = EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_EXECUTE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_EXECUTE);

    private Binaries() {}

    /** The folder that has {@code bin/postgres} and {@code bin/initdb}, of the version on the class path. */
    static Path unpackedBelow(Path cache) {
        URL archive = Binaries.class.getResource("/" + name());
        if (archive == null) {
            throw new LocalServerException(
                    "No PostgreSQL for this machine on the class path (" + name()
                            + "). Linux and macOS on x86-64 and ARM64 are supported; a build made elsewhere for a Mac needs -Pmac");
        }
        return unpackedBelow(cache, archive);
    }

    /** The same of the version in that jar, which is not on the class path: there all versions have the same name. */
    static Path unpackedBelow(Path cache, Path jar) {
        try {
            return unpackedBelow(
                    cache, URI.create("jar:" + jar.toUri() + "!/" + name()).toURL());
        } catch (MalformedURLException e) {
            throw new IllegalStateException("the path of a file is a URL", e);
        }
    }

    private static Path unpackedBelow(Path cache, URL archive) {
        try {
            Path home = cache.resolve("postgresql-" + fingerprint(archive));
            if (!Files.isDirectory(home)) {
                unpack(archive, home);
            }
            return home;
        } catch (IOException e) {
            throw new LocalServerException(
                    "Can't unpack PostgreSQL into " + cache + ": " + e
                            + ". Set SLUICE_CACHE to a folder that is writable",
                    e);
        }
    }

    /** Reading the checksum out of the jar's directory costs nothing; reading the archive to compute one would. */
    private static String fingerprint(URL archive) throws IOException {
        URLConnection connection = archive.openConnection();
        if (connection instanceof JarURLConnection jar) {
            var entry = jar.getJarEntry();
            return Long.toHexString(entry.getCrc()) + "-" + entry.getSize();
        }
        try (var in = new CheckedInputStream(connection.getInputStream(), new CRC32())) {
            long size = in.transferTo(OutputStream.nullOutputStream());
            return Long.toHexString(in.getChecksum().getValue()) + "-" + size;
        }
    }

    /** Unpacks beside the final place and renames, so that a half unpacked folder never carries the final name. */
    private static void unpack(URL archive, Path home) throws IOException {
        Files.createDirectories(home.getParent());
        Path building = Files.createTempDirectory(home.getParent(), ".unpacking-");
        Files.setPosixFilePermissions(building, EXECUTABLE);
        try (InputStream in = new BufferedInputStream(archive.openStream(), 1 << 16);
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(in))) {
            TarArchiveEntry entry;
            while ((entry = tar.getNextEntry()) != null) {
                unpack(entry, tar, building);
            }
        }
        try {
            Files.move(building, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Another process was quicker, which is as good.
            Trees.delete(building);
            if (!Files.isDirectory(home)) {
                throw e;
            }
        }
    }

    private static void unpack(TarArchiveEntry entry, InputStream content, Path root) throws IOException {
        Path target = root.resolve(entry.getName()).normalize();
        if (!target.startsWith(root)) {
            throw new IOException("The archive holds a path outside itself");
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.createLink(target, root.resolve(entry.getLinkName()));
        } else {
            Files.copy(content, target);
            if ((entry.getMode() & 0100) != 0) {
                Files.setPosixFilePermissions(target, EXECUTABLE);
            }
        }
    }

    private static String name() {
        return "postgres-" + system() + "-" + architecture() + ".txz";
    }

    private static String system() {
        String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        return name.startsWith("mac") ? "darwin" : name;
    }

    private static String architecture() {
        String name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return switch (name) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> name;
        };
    }
}
