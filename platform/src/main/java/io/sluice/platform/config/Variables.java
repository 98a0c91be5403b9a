package io.sluice.platform.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/** Where references to environment variables and files are looked up. */
public interface Variables {

    /** @throws Unreadable if there is no such variable */
    String env(String name) throws Unreadable;

    /** @throws Unreadable if the file is missing, unreadable, not a text or too large */
    String file(String path) throws Unreadable;

    /** Where relative paths start. */
    Path folder();

    /** Whether references are not looked up: a value that holds one is then replaced by its type's stand-in. */
    default boolean standIn() {
        return false;
    }

    /** Looks nothing up: for whoever reads a file for what it says, not to connect to what it names. */
    static Variables standIns(Path folder) {
        return new StandIns(folder);
    }

    /** Variables of this environment, files from this folder on. */
    static Variables of(Map<String, String> environment, Path folder) {
        return new Real(Map.copyOf(environment), folder);
    }

    /** Names instead of values. */
    record StandIns(Path folder) implements Variables {

        @Override
        public String env(String name) {
            return plain(name);
        }

        @Override
        public String file(String path) {
            return plain(path);
        }

        @Override
        public boolean standIn() {
            return true;
        }

        /** Fit to be a part of any address. */
        private static String plain(String name) {
            return name.replaceAll("[^A-Za-z0-9]+", "-").replaceAll("^-|-$", "");
        }
    }

    /** Variables of a map, files of the file system. */
    record Real(Map<String, String> environment, Path folder) implements Variables {

        private static final int MOST_BYTES = 64 * 1024;

        /** Not the environment itself: it holds the secrets. */
        @Override
        public String toString() {
            return "variables and the files of " + folder;
        }

        @Override
        public String env(String name) throws Unreadable {
            String value = environment.get(name);
            if (value == null) {
                throw new Unreadable(
                        "the environment variable " + name + " is not set",
                        DidYouMean.nearest(name, environment.keySet())
                                .map(near -> "did you mean \"" + near + "\"?")
                                .orElse("set it before you start sluice"));
            }
            return value;
        }

        @Override
        public String file(String path) throws Unreadable {
            try (InputStream in = Files.newInputStream(folder.resolve(path))) {
                byte[] bytes = in.readNBytes(MOST_BYTES + 1);
                if (bytes.length > MOST_BYTES) {
                    throw new Unreadable(
                            "the file " + Quoted.of(path) + " is larger than 64 KiB", "is this the right one?");
                }
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
                // What an editor or echo puts at the end of a line is no part of a password.
                return text.endsWith("\r\n")
                        ? text.substring(0, text.length() - 2)
                        : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
            } catch (NoSuchFileException e) {
                throw new Unreadable("there is no file " + Quoted.of(path), "write it before you start sluice");
            } catch (CharacterCodingException e) {
                throw new Unreadable("the file " + Quoted.of(path) + " is not UTF-8", "");
            } catch (IOException | InvalidPathException e) {
                throw new Unreadable("the file " + Quoted.of(path) + " can't be read", "check its rights");
            }
        }
    }
}
