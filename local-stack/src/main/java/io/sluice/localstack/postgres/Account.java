package io.sluice.localstack.postgres;

import io.sluice.localstack.LocalServerException;
import io.sluice.localstack.process.CacheFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Who PostgreSQL runs as. It refuses to run as root, so root needs a way round: a user namespace in which it is not root,
 * or, where those are forbidden (most containers), the account {@code nobody}.
 */
enum Account {
    SELF {
        @Override
        List<String> prefix() {
            return List.of();
        }
    },
    OWN_NAMESPACE {
        @Override
        List<String> prefix() {
            return List.of("unshare", "-U");
        }
    },
    NOBODY {
        @Override
        List<String> prefix() {
            return List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        }

        @Override
        Path cache(Map<String, String> environment) {
            // Root's home is closed to others.
            return environment.containsKey("SLUICE_CACHE") ? super.cache(environment) : Path.of("/var/cache/sluice");
        }

        @Override
        void take(Path folder) {
            if (!succeeds(List.of("chown", "-R", "65534:65534", folder.toString()))
                    || !succeeds(with(List.of("test", "-w", folder.toString())))) {
                throw new LocalServerException("PostgreSQL does not run as root, and as 'nobody' it can't reach "
                        + folder + ". Choose a data folder whose parents others may enter, or run as an ordinary user");
            }
        }
    };

    /** What stands before a command to run it as this account. */
    abstract List<String> prefix();

    /** Makes a data folder this account's own. */
    void take(Path folder) {}

    Path cache(Map<String, String> environment) {
        return CacheFolder.ofUser(environment);
    }

    List<String> with(List<String> command) {
        List<String> whole = new ArrayList<>(prefix());
        whole.addAll(command);
        return whole;
    }

    /** The account for data in {@code folder}, which this process has created. */
    static Account forDataIn(Path folder) {
        boolean root = isRoot(folder);
        // initdb also wants the account to have a name, which that of "docker run --user 1234" has not.
        if (!root && succeeds(List.of("id", "-un"))) {
            return SELF;
        }
        if (succeeds(OWN_NAMESPACE.with(List.of("true")))) {
            return OWN_NAMESPACE;
        }
        if (!root) {
            return SELF;
        }
        if (succeeds(NOBODY.with(List.of("true")))) {
            return NOBODY;
        }
        throw new LocalServerException(
                "PostgreSQL does not run as root, and neither 'unshare -U' nor 'setpriv' works here."
                        + " Run as an ordinary user");
    }

    /** Who owns a file just made is who we are; Java has no other way to ask. */
    private static boolean isRoot(Path folder) {
        Path probe = folder.resolve(".owner");
        try {
            Files.deleteIfExists(probe);
            Files.createFile(probe);
            try {
                return Integer.valueOf(0).equals(Files.getAttribute(probe, "unix:uid", LinkOption.NOFOLLOW_LINKS));
            } finally {
                Files.delete(probe);
            }
        } catch (IOException e) {
            throw new LocalServerException("Can't write in the data folder " + folder + ": " + e, e);
        }
    }

    private static boolean succeeds(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
