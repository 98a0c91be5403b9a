package io.sluice.localstack.process;

import java.nio.file.Path;
import java.util.Map;

/** Where things are kept that can be made again: {@code SLUICE_CACHE}, or the user's cache folder. */
public final class CacheFolder {

    private CacheFolder() {}

    public static Path ofUser(Map<String, String> environment) {
        String given = environment.getOrDefault("SLUICE_CACHE", "");
        if (!given.isBlank()) {
            return Path.of(given).toAbsolutePath();
        }
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path caches = xdg.startsWith("/") ? Path.of(xdg) : Path.of(System.getProperty("user.home", "/"), ".cache");
        return caches.resolve("sluice");
    }
}
