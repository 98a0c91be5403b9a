package io.sluice.platform.postgres;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an array's text form, {@code {1,NULL,"a b"}}. More than one dimension, or counting from elsewhere than 1, is what a list
 * can't say.
 */
final class ArrayDecoder implements TextDecoder {

    private final TextDecoder element;

    ArrayDecoder(TextDecoder element) {
        this.element = element;
    }

    @Override
    public Object decode(byte[] text, int from, int length) {
        int end = from + length - 1;
        if (length < 2 || text[from] != '{' || text[end] != '}') {
            throw length > 0 && text[from] == '['
                    ? shaped("it is an array whose indexes do not begin at 1")
                    : TextDecoders.misspelt();
        }
        List<@Nullable Object> elements = new ArrayList<>();
        int at = from + 1;
        while (at < end) {
            at = text[at] == '"' ? quoted(text, at + 1, end, elements) : bare(text, at, end, elements);
            if (at < end && text[at++] != ',') {
                throw TextDecoders.misspelt();
            }
        }
        return Collections.unmodifiableList(elements);
    }

    private int bare(byte[] text, int from, int end, List<@Nullable Object> elements) {
        if (text[from] == '{') {
            throw shaped("it is an array of more dimensions than the column declares");
        }
        int at = from;
        while (at < end && text[at] != ',') {
            at++;
        }
        boolean isNull = at - from == 4
                && text[from] == 'N'
                && text[from + 1] == 'U'
                && text[from + 2] == 'L'
                && text[from + 3] == 'L';
        elements.add(isNull ? null : element.decode(text, from, at - from));
        return at;
    }

    private static UnfitTextException shaped(String why) {
        return new UnfitTextException(
                why,
                "Change that value, or declare the column with two dimensions (ALTER TABLE … ALTER COLUMN … TYPE …[][], which"
                        + " rewrites nothing): then arrays of any shape are carried, as text");
    }

    private int quoted(byte[] text, int from, int end, List<@Nullable Object> elements) {
        byte[] plain = new byte[16];
        int length = 0;
        int at = from;
        while (at < end && text[at] != '"') {
            if (text[at] == '\\') {
                at++;
            }
            if (length == plain.length) {
                plain = Arrays.copyOf(plain, length * 2);
            }
            plain[length++] = text[at++];
        }
        if (at >= end) {
            throw TextDecoders.misspelt();
        }
        elements.add(element.decode(plain, 0, length));
        return at + 1;
    }
}
