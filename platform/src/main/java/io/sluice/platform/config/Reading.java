package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.Setting;
import java.util.List;

/**
 * Where a reader stands in the file's tree, and where it leaves what it finds.
 *
 * @param path with the names that the user chose
 * @param keys with a star for each of those names
 */
record Reading(Interpolation interpolation, Problems problems, List<Setting> settings, String path, String keys) {

    Reading under(String name, String key) {
        return new Reading(interpolation, problems, settings, join(path, Quoted.plain(name)), join(keys, key));
    }

    void set(Place place) {
        settings.add(new Setting(path, keys, place));
    }

    void problem(Place place, String message, String suggestion) {
        problems.add(place, path, message, suggestion);
    }

    private static String join(String parent, String child) {
        return parent.isEmpty() ? child : parent + "." + child;
    }
}
