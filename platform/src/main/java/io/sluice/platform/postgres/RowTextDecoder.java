package io.sluice.platform.postgres;

import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The one decoder of values: PostgreSQL's text form, under {@link SessionSettings}, to rows. Compiled once per table. Belongs to
 * one thread.
 */
public final class RowTextDecoder {

    private final RowSchema schema;
    private final String place;
    private final TextDecoder[] decoders;
    private byte[] scratch = new byte[256];

    /** @param place the table, for messages */
    public RowTextDecoder(RowSchema schema, String place) {
        this.schema = schema;
        this.place = place;
        this.decoders = new TextDecoder[schema.size()];
        for (int i = 0; i < decoders.length; i++) {
            decoders[i] = TextDecoders.of(schema.column(i).type());
        }
    }

    public RowSchema schema() {
        return schema;
    }

    /**
     * The value of one column.
     *
     * @throws UnrepresentableValueException if it can't be carried without loss
     */
    public Object value(int column, byte[] text, int from, int length) {
        try {
            return decoders[column].decode(text, from, length);
        } catch (UnfitTextException e) {
            throw unrepresentable(column, e.why(), e.remedy());
        } catch (NumberFormatException | ArithmeticException | ArrayIndexOutOfBoundsException e) {
            UnfitTextException misspelt = TextDecoders.misspelt();
            throw unrepresentable(column, misspelt.why(), misspelt.remedy());
        }
    }

    private UnrepresentableValueException unrepresentable(int column, String why, String remedy) {
        return new UnrepresentableValueException(
                "column " + schema.column(column).name() + " of type "
                        + schema.column(column).declared() + " holds a value that can't be carried without loss: "
                        + why,
                place,
                remedy
                        + "; then read the table again with `sluice backfill FILE --table TABLE`. A first load that met the"
                        + " value goes on with the next `sluice run FILE`.");
    }

    /** A row from one line of {@code COPY … TO STDOUT} in text format, without or with its line feed. */
    public Row copyLine(byte[] line) {
        int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
        @Nullable Object[] values = new Object[decoders.length];
        int from = 0;
        for (int column = 0; column < values.length; column++) {
            int at = from;
            boolean escaped = false;
            while (at < end && line[at] != '\t') {
                escaped |= line[at] == '\\';
                at++;
            }
            if (column < values.length - 1 == (at == end)) {
                throw new IllegalStateException(
                        "a line of COPY has not as many fields as " + schema.name() + " columns");
            }
            values[column] = escaped ? escapedField(column, line, from, at) : value(column, line, from, at - from);
            from = at + 1;
        }
        return new Row(schema, values);
    }

    private @Nullable Object escapedField(int column, byte[] line, int from, int end) {
        if (end - from == 2 && line[from + 1] == 'N') {
            return null;
        }
        if (scratch.length < end - from) {
            scratch = Arrays.copyOf(scratch, Math.max(end - from, scratch.length * 2));
        }
        int length = 0;
        for (int at = from; at < end; at++) {
            scratch[length++] = line[at] == '\\' ? unescaped(line[++at]) : line[at];
        }
        return value(column, scratch, 0, length);
    }

    /** COPY writes octal and hexadecimal escapes never, these six always. */
    private static byte unescaped(byte b) {
        return switch (b) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0b;
            default -> b;
        };
    }
}
