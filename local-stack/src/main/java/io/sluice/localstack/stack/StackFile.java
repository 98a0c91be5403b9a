package io.sluice.localstack.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The file {@code stack.env}: addresses in a form that a shell reads with {@code . stack.env}. */
record StackFile(Path path) {

    private static final String OWNER = "SLUICE_STACK_OWNER";
    private static final Pattern LINE = Pattern.compile("export ([A-Z_]+)='([^']*)'");

    record Content(Owner owner, Map<Part, String> addresses) {}

    void write(Owner owner, Map<Part, String> addresses) throws IOException {
        StringBuilder text = new StringBuilder("# Written by the process that runs these servers; goes with them.\n");
        addresses.forEach((part, address) -> line(text, part.variable(), address));
        line(text, OWNER, owner.toString());
        SafeFile.write(path, text.toString());
    }

    private static void line(StringBuilder text, String name, String value) {
        if (value.indexOf('\'') >= 0 || value.indexOf('\n') >= 0) {
            throw new IllegalArgumentException(name + " can't be written for a shell");
        }
        text.append("export ").append(name).append("='").append(value).append("'\n");
    }

    Optional<Content> read() throws IOException {
        String text;
        try {
            text = Files.readString(path);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        Map<Part, String> addresses = new EnumMap<>(Part.class);
        Optional<Owner> owner = Optional.empty();
        for (String line : text.lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                continue;
            }
            if (matcher.group(1).equals(OWNER)) {
                owner = Owner.parse(matcher.group(2));
            }
            for (Part part : Part.values()) {
                if (part.variable().equals(matcher.group(1))) {
                    addresses.put(part, matcher.group(2));
                }
            }
        }
        return owner.map(known -> new Content(known, addresses));
    }

    void delete() throws IOException {
        SafeFile.delete(path);
    }
}
