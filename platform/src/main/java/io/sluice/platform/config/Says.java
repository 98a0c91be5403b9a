package io.sluice.platform.config;

/** Words for types, as they stand in a sentence. */
public final class Says {

    private Says() {}

    /** Without its article: {@code duration} for {@code a duration}. */
    public static String bare(ValueType<?> type) {
        return type.says().replaceFirst("^an? ", "");
    }
}
