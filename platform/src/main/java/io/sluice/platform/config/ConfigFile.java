package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A file read by its description.
 *
 * @param root empty where the file could not be read at all
 * @param settings every key that it sets, in its order
 */
public record ConfigFile(Optional<Section> root, List<Setting> settings) {

    /** Reads a file; whatever is wrong with it goes into {@code problems}. */
    public static ConfigFile read(Path file, Shape shape, Variables variables, Problems problems) {
        String name = file.toString();
        try (InputStream in = Files.newInputStream(file)) {
            return read(in.readNBytes(YamlLimits.DEFAULT.bytes() + 1), name, shape, variables, problems);
        } catch (NoSuchFileException e) {
            problems.add(Place.ofFile(name), "", "there is no such file", "");
        } catch (AccessDeniedException e) {
            problems.add(Place.ofFile(name), "", "may not be read", "check its rights");
        } catch (IOException e) {
            problems.add(
                    Place.ofFile(name), "", Files.isDirectory(file) ? "is a folder" : "can't be read", "name a file");
        }
        return new ConfigFile(Optional.empty(), List.of());
    }

    /** Reads what a file holds. */
    public static ConfigFile read(byte[] bytes, String name, Shape shape, Variables variables, Problems problems) {
        List<Setting> settings = new ArrayList<>();
        Reading reading = new Reading(new Interpolation(variables), problems, settings, "", "");
        Optional<Section> root =
                YamlDocument.read(bytes, name, YamlLimits.DEFAULT, problems).flatMap(node -> shape.read(node, reading));
        return new ConfigFile(root, List.copyOf(settings));
    }
}
