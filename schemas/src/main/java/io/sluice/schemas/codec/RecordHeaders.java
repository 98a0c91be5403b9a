package io.sluice.schemas.codec;

import io.sluice.schemas.model.Origin;
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
        headers.accept(OPERATION, HeaderText.ascii(operation.text()));
        headers.accept(POSITION, HeaderText.ascii(provenance.position().toString()));
        headers.accept(COMMITTED_AT, HeaderText.ascii(Long.toString(provenance.commitTimeMicros())));
        String transaction = provenance.transaction();
        if (transaction != null) {
            headers.accept(TRANSACTION, transaction.getBytes(StandardCharsets.UTF_8));
        }
        if (provenance.kind() == Provenance.Kind.SNAPSHOT) {
            headers.accept(SNAPSHOT, HeaderText.ascii("true"));
        }
        if (origin != null) {
            write(origin, headers);
        }
        if (!unchanged.isEmpty()) {
            headers.accept(
                    UNCHANGED,
                    HeaderText.ascii(String.join(
                            ",", unchanged.stream().map(AvroNames::name).toList())));
        }
    }

    /** Hands over the one header that says what a record was made from. */
    public static void write(Origin origin, BiConsumer<String, byte[]> headers) {
        headers.accept(ORIGIN, HeaderText.of(origin));
    }

    /**
     * What a record was made from; null if it does not say.
     *
     * @param headers the last value of the header with that name, or null
     */
    public static @Nullable Origin origin(Function<String, byte @Nullable []> headers) throws MalformedRecordException {
        byte[] origin = headers.apply(ORIGIN);
        return origin == null ? null : HeaderText.origin(HeaderText.text(origin));
    }

    /** @param headers the last value of the header with that name, or null */
    public static RecordHeaders read(Function<String, byte @Nullable []> headers) throws MalformedRecordException {
        byte[] transaction = headers.apply(TRANSACTION);
        byte[] unchanged = headers.apply(UNCHANGED);
        Provenance provenance = new Provenance(
                HeaderText.position(HeaderText.required(headers, POSITION)),
                HeaderText.number(HeaderText.required(headers, COMMITTED_AT), 10),
                transaction == null ? null : new String(transaction, StandardCharsets.UTF_8),
                headers.apply(SNAPSHOT) == null ? Provenance.Kind.STREAM : Provenance.Kind.SNAPSHOT);
        return new RecordHeaders(
                Operation.of(HeaderText.required(headers, OPERATION)),
                provenance,
                origin(headers),
                unchanged == null ? List.of() : columns(HeaderText.text(unchanged)));
    }

    private static List<String> columns(String names) {
        return List.of(names.split(",")).stream().map(AvroNames::identifier).toList();
    }
}
