package io.sluice.schemas.codec;

import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.TableId;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says, in one partition, that from here on rows of a load of a table may come, or that all of them have come. A record without
 * key and value: all of it is in its headers.
 *
 * <p>The source writes one of each kind into every partition of the table's change topic, the begin before the load's first row
 * and the end after its last; the transform hands each on to every partition of the row topics that it feeds, with where it
 * comes from. Between them stand the load's rows and, among these, changes from the log. A begin of another load of the same
 * table says that the one before is given up, unless it has ended.
 *
 * @param load the load's name, of printable ASCII; no two loads of one table ever have the same
 * @param sweep whether target rows that the load did not see are to go once it has ended; a begin may say no only where the
 *     target holds nothing from before, and an end that says no while its begin said yes gives the load up
 * @param position where the source stood when it wrote this
 * @param passed how it came into a row topic; null in a change topic
 */
public record LoadMarker(
        Kind kind, TableId table, String load, boolean sweep, Position position, @Nullable Passed passed) {

    public static final String TABLE = SourceHeader.NAME;
    public static final String LOAD = "sluice.load";
    public static final String SWEEP = "sluice.sweep";
    public static final String PARTITIONS = "sluice.partitions";

    private static final Pattern LOAD_NAME = Pattern.compile("[!-~]{1,100}");

    /** Which end of a load. */
    public enum Kind {
        BEGIN("load-begin"),
        END("load-end");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** As the header {@link RecordHeaders#OPERATION} spells it. */
        public String text() {
            return text;
        }
    }

    /**
     * A marker's way from change topic to row topic.
     *
     * @param origin the marker that it was made from
     * @param partitions how many partitions the change topic has, so how many such markers each row partition gets
     */
    public record Passed(Origin origin, int partitions) {

        public Passed {
            Objects.requireNonNull(origin, "origin");
            if (origin.partition() < 0 || origin.partition() >= partitions) {
                throw new IllegalArgumentException("a topic of " + partitions + " partitions has no such origin");
            }
        }
    }

    public LoadMarker {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(position, "position");
        if (!LOAD_NAME.matcher(load).matches()) {
            throw new IllegalArgumentException("a load's name is 1 to 100 characters of printable ASCII");
        }
    }

    public static LoadMarker begin(TableId table, String load, boolean sweep, Position position) {
        return new LoadMarker(Kind.BEGIN, table, load, sweep, position, null);
    }

    public static LoadMarker end(TableId table, String load, boolean sweep, Position position) {
        return new LoadMarker(Kind.END, table, load, sweep, position, null);
    }

    /** This marker in a row topic. */
    public LoadMarker passedOn(Origin origin, int partitions) {
        return new LoadMarker(kind, table, load, sweep, position, new Passed(origin, partitions));
    }

    /** Hands each header over, name and value. */
    public void write(BiConsumer<String, byte[]> headers) {
        headers.accept(RecordHeaders.OPERATION, HeaderText.ascii(kind.text()));
        headers.accept(RecordHeaders.POSITION, HeaderText.ascii(position.toString()));
        headers.accept(TABLE, SourceHeader.of(table));
        headers.accept(LOAD, HeaderText.ascii(load));
        if (sweep) {
            headers.accept(SWEEP, HeaderText.ascii("true"));
        }
        if (passed != null) {
            headers.accept(RecordHeaders.ORIGIN, HeaderText.of(passed.origin()));
            headers.accept(PARTITIONS, HeaderText.ascii(Integer.toString(passed.partitions())));
        }
    }

    /**
     * The marker that these headers are; null if they are of something else.
     *
     * @param headers the last value of the header with that name, or null
     */
    public static @Nullable LoadMarker read(Function<String, byte @Nullable []> headers)
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

    private static LoadMarker read(Kind kind, Function<String, byte @Nullable []> headers)
            throws MalformedRecordException {
        TableId table = SourceHeader.read(HeaderText.required(headers, TABLE));
        Position position = HeaderText.position(HeaderText.required(headers, RecordHeaders.POSITION));
        String load = HeaderText.required(headers, LOAD);
        byte[] origin = headers.apply(RecordHeaders.ORIGIN);
        Passed passed = origin == null ? null : passed(HeaderText.text(origin), headers);
        try {
            return new LoadMarker(kind, table, load, headers.apply(SWEEP) != null, position, passed);
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException("its load is misspelt");
        }
    }

    private static Passed passed(String origin, Function<String, byte @Nullable []> headers)
            throws MalformedRecordException {
        long partitions = HeaderText.number(HeaderText.required(headers, PARTITIONS), 10);
        try {
            return new Passed(HeaderText.origin(origin), Math.toIntExact(partitions));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new MalformedRecordException("its number of partitions is misspelt");
        }
    }
}
