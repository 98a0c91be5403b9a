package io.sluice.platform.pipeline;

import io.sluice.platform.config.ScalarType;
import io.sluice.platform.config.Unreadable;
import io.sluice.platform.config.Word;
import io.sluice.schemas.pipeline.Secret;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Addresses of databases. They may carry a password, so nothing here ever repeats one. */
final class DatabaseUrl {

    private static final Pattern HOSTS = Pattern.compile(
            "[^,/:\\[\\]\\s]+(:\\d{1,5})?(,[^,/:\\[\\]\\s]+(:\\d{1,5})?)*" + "|\\[[0-9A-Fa-f:.]+\\](:\\d{1,5})?");
    private static final Pattern PASSWORD_PARAMETER =
            Pattern.compile("(?i)[?&](ssl)?password=[^&" + Word.FILLED_IN + "]");

    private DatabaseUrl() {}

    static ScalarType<Secret> postgresql() {
        return ofScheme("a PostgreSQL URL", List.of("postgresql://", "postgres://", "jdbc:postgresql://"), true);
    }

    static ScalarType<Secret> mongodb() {
        return ofScheme("a MongoDB URI", List.of("mongodb://", "mongodb+srv://"), false);
    }

    private static ScalarType<Secret> ofScheme(String says, List<String> schemes, boolean needsDatabase) {
        String example = schemes.get(0) + "host:" + (needsDatabase ? "5432/database" : "27017");
        ScalarType<Secret> type = ScalarType.interpolated(says, Map.of("type", "string"), word -> {
            word.refuseLong();
            refusePassword(word);
            String scheme = schemes.stream()
                    .filter(word.text()::startsWith)
                    .findFirst()
                    .orElseThrow(() -> new Unreadable("is not " + says, "write one like " + example));
            check(word.text().substring(scheme.length()), says, example, needsDatabase);
            return Secret.of(word.text());
        });
        return type.standingIn(schemes.get(0) + "stand-in/%s");
    }

    private static void refusePassword(Word word) throws Unreadable {
        String literal = word.literal();
        int scheme = literal.indexOf("://");
        String user = userPart(scheme < 0 ? literal : literal.substring(scheme + 3));
        String password = user.indexOf(':') < 0 ? "" : user.substring(user.indexOf(':') + 1);
        boolean written = !password.isEmpty() && !password.equals(String.valueOf(Word.FILLED_IN));
        if (written || PASSWORD_PARAMETER.matcher(literal).find()) {
            throw new Unreadable(
                    "a password is written out in the address",
                    "take the whole address or the password from ${env:NAME} or ${file:/path}");
        }
    }

    private static String userPart(String rest) {
        String authority = rest.split("[/?]", 2)[0];
        int at = authority.lastIndexOf('@');
        if (at < 0 && !HOSTS.matcher(authority).matches()) {
            // Not hosts: perhaps a password with a / or ? that nobody escaped, and it must not hide behind that.
            authority = rest;
            at = rest.lastIndexOf('@');
        }
        return at < 0 ? "" : authority.substring(0, at);
    }

    private static void check(String rest, String says, String example, boolean needsDatabase) throws Unreadable {
        String address = rest.substring(rest.lastIndexOf('@') + 1);
        int query = address.indexOf('?');
        address = query < 0 ? address : address.substring(0, query);
        int slash = address.indexOf('/');
        String hosts = slash < 0 ? address : address.substring(0, slash);
        if (!HOSTS.matcher(hosts).matches()) {
            throw new Unreadable("is not " + says + ": no host and port can be made out", "write one like " + example);
        }
        if (needsDatabase && (slash < 0 || slash == address.length() - 1)) {
            throw new Unreadable("names no database", "write one like " + example);
        }
    }
}
