package io.sluice.platform.config;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the names of a map may look like.
 *
 * @param says what a name is called, {@code service} say
 * @param form empty: any text
 */
public record NameRule(String says, Optional<Pattern> form, Set<String> reserved, String suggestion) {

    /** PostgreSQL cuts longer names off silently. */
    private static final int MOST_BYTES = 63;

    public static NameRule of(String says, Pattern form, String suggestion) {
        return new NameRule(says, Optional.of(form), Set.of(), suggestion);
    }

    public static NameRule any(String says) {
        return new NameRule(says, Optional.empty(), Set.of(), "");
    }

    public NameRule reserving(String... names) {
        return new NameRule(says, form, Set.of(names), suggestion);
    }

    /** Throws where a name breaks the rule. */
    public void check(String name) throws Unreadable {
        if (name.isBlank()) {
            throw new Unreadable("a blank name for a " + says, "");
        }
        if (form.isPresent() && !form.get().matcher(name).matches()) {
            throw new Unreadable(Quoted.of(name) + " is no name for a " + says, suggestion);
        }
        if (reserved.contains(name)) {
            throw new Unreadable(Quoted.of(name) + " is reserved", "choose another name for the " + says);
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            throw new Unreadable(Quoted.of(name) + " is longer than " + MOST_BYTES + " bytes", "choose a shorter name");
        }
    }
}
