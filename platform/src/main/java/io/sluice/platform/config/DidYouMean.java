package io.sluice.platform.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that somebody who mistyped most likely had in mind. */
public final class DidYouMean {

    private static final int LONGEST = 60;

    private DidYouMean() {}

    /** {@code did you mean "…"?}; or the whole choice where nothing is near and it is short; or nothing. */
    public static String suggest(String typed, Collection<String> known) {
        return nearest(typed, known)
                .map(word -> "did you mean \"" + word + "\"?")
                .orElse(known.isEmpty() || known.size() > 12 ? "" : "known here: " + String.join(", ", known));
    }

    static Optional<String> nearest(String typed, Collection<String> known) {
        String best = "";
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : known) {
            int distance = distance(plain(typed), plain(candidate));
            if (distance < bestDistance) {
                bestDistance = distance;
                best = candidate;
            }
        }
        int bearable = Math.max(1, Math.min(typed.length(), best.length()) / 3);
        return bestDistance <= bearable ? Optional.of(best) : Optional.empty();
    }

    /** So that maxLag, max_lag and MAX-LAG all are max-lag. */
    private static String plain(String word) {
        String cut = word.length() > LONGEST ? word.substring(0, LONGEST) : word;
        return cut.replaceAll("(\\p{Lower})(\\p{Upper})", "$1-$2")
                .replace('_', '-')
                .replace(' ', '-')
                .toLowerCase(Locale.ROOT);
    }

    /** Insertions, deletions, replacements and swaps of neighbours. */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
