package io.sluice.platform.config;

/** Shows a piece of user input in a message: on one line, harmless to a terminal, short. */
final class Quoted {

    private static final int LONGEST = 60;

    private Quoted() {}

    static String of(String text) {
        return "\"" + plain(text) + "\"";
    }

    static String plain(String text) {
        StringBuilder shown = new StringBuilder();
        int[] codePoints = text.codePoints().limit(LONGEST + 1L).toArray();
        for (int i = 0; i < Math.min(codePoints.length, LONGEST); i++) {
            int type = Character.getType(codePoints[i]);
            boolean harmless = type != Character.CONTROL
                    && type != Character.FORMAT
                    && type != Character.SURROGATE
                    && type != Character.UNASSIGNED
                    && type != Character.LINE_SEPARATOR
                    && type != Character.PARAGRAPH_SEPARATOR;
            shown.appendCodePoint(harmless ? codePoints[i] : '\uFFFD');
        }
        return codePoints.length > LONGEST ? shown + "…" : shown.toString();
    }
}
