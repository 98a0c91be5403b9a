package io.sluice.platform.config;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Fills in references to environment variables and files: {@code env:NAME} or {@code file:/path} after a dollar sign and in
 * braces. A doubled dollar sign stands for a plain one. What is filled in is not looked at again.
 */
final class Interpolation {

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Variables variables;

    Interpolation(Variables variables) {
        this.variables = variables;
    }

    /**
     * A text after interpolation.
     *
     * @param literal the same with {@link Word#FILLED_IN} for each reference
     */
    record Filled(String text, String literal) {}

    Path folder() {
        return variables.folder();
    }

    boolean standIn() {
        return variables.standIn();
    }

    Filled fill(String template) throws Unreadable {
        StringBuilder text = new StringBuilder();
        StringBuilder literal = new StringBuilder();
        int at = 0;
        while (at < template.length()) {
            int next = template.indexOf("${", at);
            if (next < 0) {
                next = template.length();
            }
            boolean escaped = next > at && next < template.length() && template.charAt(next - 1) == '$';
            String before = template.substring(at, escaped ? next - 1 : next);
            text.append(before);
            literal.append(before);
            if (next == template.length()) {
                break;
            }
            if (escaped) {
                text.append("${");
                literal.append("${");
                at = next + 2;
                continue;
            }
            int end = template.indexOf('}', next);
            if (end < 0) {
                throw new Unreadable("a ${ is never closed", "close it with }, or write $${ for a plain ${");
            }
            text.append(lookUp(template.substring(next + 2, end)));
            literal.append(Word.FILLED_IN);
            at = end + 1;
        }
        return new Filled(text.toString(), literal.toString());
    }

    private String lookUp(String reference) throws Unreadable {
        int colon = reference.indexOf(':');
        String kind = colon < 0 ? reference : reference.substring(0, colon);
        String name = colon < 0 ? "" : reference.substring(colon + 1);
        if (kind.equals("env") && NAME.matcher(name).matches()) {
            return variables.env(name);
        }
        if (kind.equals("file") && !name.isBlank()) {
            return variables.file(name);
        }
        if (kind.equals("env")) {
            throw new Unreadable(
                    Quoted.of(name) + " is no name of an environment variable", "letters, digits and _ make one");
        }
        throw new Unreadable(
                "${" + Quoted.plain(reference) + "} is no reference",
                DidYouMean.nearest(kind, List.of("env", "file"))
                        .map(near -> "did you mean \"" + near + "\"?")
                        .orElse("write ${env:NAME} or ${file:/path}"));
    }
}
