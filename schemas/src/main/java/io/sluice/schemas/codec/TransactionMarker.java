package io.sluice.schemas.codec;

import io.sluice.schemas.model.Position;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says, in a topic that holds whole transactions of a source in their order, where one begins and where it ends. A record without
 * key and value: all of it is in its headers.
 *
 * <p>Every change that comes from the log stands between the two; rows that a load has read stand outside. A transaction that
 * holds nothing of what the topic is for leaves nothing in it.
 *
 * @param transaction the source's name of it; the same in both
 * @param position in a begin, the boundary after which its changes stand; in an end, the boundary that it reached
 * @param commitTimeMicros when it was committed, by the source's clock
 * @param changes how many records stand between begin and end; 0 in a begin, where that is not known yet
 */
public record TransactionMarker(Kind kind, String transaction, Position position, long commitTimeMicros, long changes) {

    public static final String COUNT = "sluice.count";

    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,18}");

    /** Which end of a transaction. */
    public enum Kind {
        BEGIN("transaction-begin"),
        END("transaction-end");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** As the header {@link RecordHeaders#OPERATION} spells it. */
        public String text() {
            return text;
        }
    }

    public TransactionMarker {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(position, "position");
        if (transaction.isEmpty()) {
            throw new IllegalArgumentException("a transaction has a name");
        }
        if (kind == Kind.BEGIN ? changes != 0 : changes < 1) {
            throw new IllegalArgumentException("a begin counts nothing, and an end at least one change");
        }
    }

    public static TransactionMarker begin(String transaction, Position position, long commitTimeMicros) {
        return new TransactionMarker(Kind.BEGIN, transaction, position, commitTimeMicros, 0);
    }

    /** The end of the transaction that this begins. */
    public TransactionMarker end(Position reached, long count) {
        if (kind != Kind.BEGIN) {
            throw new IllegalStateException("a transaction ends once");
        }
        return new TransactionMarker(Kind.END, transaction, reached, commitTimeMicros, count);
    }

    /** Hands each header over, name and value. */
    public void write(BiConsumer<String, byte[]> headers) {
        headers.accept(RecordHeaders.OPERATION, HeaderText.ascii(kind.text()));
        headers.accept(RecordHeaders.POSITION, HeaderText.ascii(position.toString()));
        headers.accept(RecordHeaders.COMMITTED_AT, HeaderText.ascii(Long.toString(commitTimeMicros)));
        headers.accept(RecordHeaders.TRANSACTION, transaction.getBytes(StandardCharsets.UTF_8));
        if (kind == Kind.END) {
            headers.accept(COUNT, HeaderText.ascii(Long.toString(changes)));
        }
    }

    /**
     * The marker that these headers are; null if they are of something else.
     *
     * @param headers the last value of the header with that name, or null
     */
    public static @Nullable TransactionMarker read(Function<String, byte @Nullable []> headers)
            throws MalformedRecordException {
        byte[] operation = headers.apply(RecordHeaders.OPERATION);
        String text = operation == null ? "" : HeaderText.text(operation);
        for (Kind kind : Kind.values()) {
            if (kind.text.equals(text)) {
                return read(kind, headers);
            }
        }
        return null;
    }

    private static TransactionMarker read(Kind kind, Function<String, byte @Nullable []> headers)
            throws MalformedRecordException {
        Position position = HeaderText.position(HeaderText.required(headers, RecordHeaders.POSITION));
        long committedAt = HeaderText.number(HeaderText.required(headers, RecordHeaders.COMMITTED_AT), 10);
        byte[] transaction = headers.apply(RecordHeaders.TRANSACTION);
        if (transaction == null || transaction.length == 0) {
            throw new MalformedRecordException("it does not name its transaction");
        }
        return new TransactionMarker(
                kind,
                new String(transaction, StandardCharsets.UTF_8),
                position,
                committedAt,
                kind == Kind.END ? count(HeaderText.required(headers, COUNT)) : 0);
    }

    /** A sum that is compared later: it must not be read out of anything but digits. */
    private static long count(String text) throws MalformedRecordException {
        long count = DECIMAL.matcher(text).matches() ? Long.parseLong(text) : 0;
        if (count < 1) {
            throw new MalformedRecordException("its count is misspelt");
        }
        return count;
    }
}
