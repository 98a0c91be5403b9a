package io.sluice.schemas.codec;

import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.Row;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What travels beside every record, tombstones included, as short readable texts.
 *
 * @param origin the change record that this row record was made from; null on a change record
 * @param unchanged columns whose value was left out because it did not change
 */
public record RecordHeaders(
        Operation operation, Provenance provenance, @Nullable Origin origin, List<String> unchanged) {

    public static final String OPERATION = "sluice.op";
    public static final String POSITION = "sluice.position";
    public static final String COMMITTED_AT = "sluice.committed-at";
    public static final String TRANSACTION = "sluice.transaction";
    public static final String SNAPSHOT = "sluice.snapshot";
    public static final String ORIGIN = "sluice.origin";
    public static final String UNCHANGED = "sluice.unchanged";

    private static final byte[] TRUE = ascii("true");

    /** The columns of a row that were left out, as {@link #unchanged} takes them. */
    public static List<String> unchangedColumns(Row row) {
        if (row.isWhole()) {
            return List.of();
        }
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < row.schema().size(); i++) {
            if (row.isUnchanged(i)) {
                columns.add(row.schema().column(i).name());
            }
        }
        return columns;
    }

    /** Hands each header over, name and value. */
    public void write(BiConsumer<String, byte[]> headers) {
        headers.accept(OPERATION, ascii(operation.text()));
        headers.accept(POSITION, ascii(provenance.position().toString()));
        headers.accept(COMMITTED_AT, ascii(Long.toString(provenance.commitTimeMicros())));
        String transaction = provenance.transaction();
        if (transaction != null) {
            headers.accept(TRANSACTION, transaction.getBytes(StandardCharsets.UTF_8));
        }
        if (provenance.kind() == Provenance.Kind.SNAPSHOT) {
            headers.accept(SNAPSHOT, TRUE);
        }
        if (origin != null) {
            headers.accept(
                    ORIGIN,
                    ascii(origin.topic() + "/" + origin.partition() + "/" + origin.offset() + "/" + origin.part()));
        }
        if (!unchanged.isEmpty()) {
            headers.accept(
                    UNCHANGED,
                    ascii(String.join(
                            ",", unchanged.stream().map(AvroNames::name).toList())));
        }
    }

    /** @param headers the last value of the header with that name, or null */
    public static RecordHeaders read(Function<String, byte @Nullable []> headers) throws MalformedRecordException {
        byte[] transaction = headers.apply(TRANSACTION);
        byte[] unchanged = headers.apply(UNCHANGED);
        byte[] origin = headers.apply(ORIGIN);
        Provenance provenance = new Provenance(
                position(required(headers, POSITION)),
                number(required(headers, COMMITTED_AT), 10),
                transaction == null ? null : new String(transaction, StandardCharsets.UTF_8),
                headers.apply(SNAPSHOT) == null ? Provenance.Kind.STREAM : Provenance.Kind.SNAPSHOT);
        return new RecordHeaders(
                Operation.of(required(headers, OPERATION)),
                provenance,
                origin == null ? null : origin(text(origin)),
                unchanged == null ? List.of() : columns(text(unchanged)));
    }

    private static List<String> columns(String names) {
        return List.of(names.split(",")).stream().map(AvroNames::identifier).toList();
    }

    private static Position position(String text) throws MalformedRecordException {
        int first = text.indexOf('/');
        int second = text.indexOf('/', first + 1);
        if (first < 0 || second < 0) {
            throw new MalformedRecordException("its position is misspelt");
        }
        try {
            return new Position(
                    Integer.parseInt(text, 0, first, 10),
                    Long.parseUnsignedLong(text, first + 1, second, 16),
                    Long.parseLong(text, second + 1, text.length(), 10));
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException("its position is misspelt");
        }
    }

    private static Origin origin(String text) throws MalformedRecordException {
        String[] parts = text.split("/", -1);
        if (parts.length != 4) {
            throw new MalformedRecordException("its origin is misspelt");
        }
        return new Origin(parts[0], (int) number(parts[1], 10), number(parts[2], 10), (int) number(parts[3], 10));
    }

    private static String required(Function<String, byte @Nullable []> headers, String name)
            throws MalformedRecordException {
        byte[] value = headers.apply(name);
        if (value == null) {
            throw new MalformedRecordException("it has no header " + name);
        }
        return text(value);
    }

    private static long number(String text, int radix) throws MalformedRecordException {
        try {
            return Long.parseLong(text, radix);
        } catch (NumberFormatException e) {
            throw new MalformedRecordException("a header that should be a number is not");
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] value) {
        return new String(value, StandardCharsets.ISO_8859_1);
    }
}
