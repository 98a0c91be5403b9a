package io.sluice.source.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.Key;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.SourceSpec;
import io.sluice.source.position.StoredOffset;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LogDecoderTest {

    private static final TableId ITEMS = new TableId("shop", "public", "items");
    private static final RowSchema ROW = new RowSchema(
            "items",
            List.of(
                    new Column("id", LogicalType.Simple.INT32, "integer", false),
                    new Column("v", LogicalType.Simple.TEXT, "text", true)),
            List.of("id"));
    private static final int OID = 16400;

    private final List<String> seen = new ArrayList<>();
    private final LoadWindows windows = new LoadWindows(ITEMS);
    private String refused = "";
    private final LogChunk chunk = new LogChunk();

    @Test
    void changesStandAfterTheBoundaryBeforeTheirTransactionInTheirOrder() {
        LogDecoder decoder = decoder(100, null);
        begin(150, 7);
        relation();
        insert("1", "a");
        insert("2", "b");
        commit(150, 160);
        begin(200, 8);
        insert("3", "c");
        commit(200, 210);

        decoder.decode(chunk.take());

        assertThat(seen)
                .containsExactly(
                        "upsert 1=a at " + new Position(1, 100, 1),
                        "upsert 2=b at " + new Position(1, 100, 2),
                        "boundary 160 of 2",
                        "upsert 3=c at " + new Position(1, 160, 1),
                        "boundary 210 of 1");
    }

    @Test
    void aTransactionThatIsStoredIsPassedOver() {
        LogDecoder decoder = decoder(160, null);
        begin(150, 7);
        relation();
        insert("1", "a");
        commit(150, 160);
        begin(160, 8);
        insert("2", "b");
        commit(160, 170);

        decoder.decode(chunk.take());

        assertThat(seen).containsExactly("upsert 2=b at " + new Position(1, 160, 1), "boundary 170 of 1");
    }

    @Test
    void aTransactionMayLieInSeveralChunks() {
        LogDecoder decoder = decoder(100, null);
        begin(150, 7);
        relation();
        decoder.decode(chunk.take());
        assertThat(decoder.atBoundary()).isFalse();
        insert("1", "a");
        decoder.decode(chunk.take());
        commit(150, 160);
        decoder.decode(chunk.take());

        assertThat(decoder.atBoundary()).isTrue();
        assertThat(seen).containsExactly("upsert 1=a at " + new Position(1, 100, 1), "boundary 160 of 1");
    }

    /** A row before with the new key too would let a reader remove the old row twice, once after another took its place. */
    @Test
    void theRowBeforeGoesWithTheOldKeyWhereTheKeyChanges() {
        LogDecoder decoder = decoder(100, null);
        begin(150, 7);
        relation();
        update("1", "a", "1", "b");
        update("1", "b", "2", "c");
        commit(150, 160);

        decoder.decode(chunk.take());

        assertThat(seen)
                .containsExactly(
                        "upsert 1=b at " + new Position(1, 100, 1) + " before a",
                        "delete 1 at " + new Position(1, 100, 2) + " before b",
                        "upsert 2=c at " + new Position(1, 100, 3),
                        "boundary 160 of 3");
    }

    @Test
    void aTransactionOfAnOriginThatIsLeftOutCountsAsABoundaryOnly() {
        LogDecoder decoder = decoder(100, null, SourceSpec.Origins.allBut(List.of("theirs")));
        begin(150, 7);
        origin("theirs");
        relation();
        insert("1", "a");
        commit(150, 160);
        begin(200, 8);
        origin("others");
        insert("2", "b");
        commit(200, 210);
        transaction(220, 9, "3", "c");

        decoder.decode(chunk.take());

        assertThat(seen)
                .containsExactly(
                        "boundary 160 of 1",
                        "upsert 2=b at " + new Position(1, 160, 1),
                        "boundary 210 of 1",
                        "upsert 3=c at " + new Position(1, 210, 1),
                        "boundary 225 of 1");
    }

    @Test
    void anOriginThatWasDroppedSinceIsStillNotLocal() {
        LogDecoder local = decoder(100, null, SourceSpec.Origins.LOCAL);
        begin(150, 7);
        chunk.append(ByteBuffer.allocate(0));
        relation();
        insert("1", "a");
        commit(150, 160);
        byte[] log = chunk.take();

        local.decode(log);
        assertThat(seen).containsExactly("boundary 160 of 1");
        decoder(100, null, SourceSpec.Origins.allBut(List.of("theirs"))).decode(log);
        assertThat(seen).contains("upsert 1=a at " + new Position(1, 100, 1));
    }

    @Test
    void aChangeOutsideATransactionIsFatal() {
        LogDecoder decoder = decoder(100, null);
        relation();
        insert("1", "a");

        assertThatThrownBy(() -> decoder.decode(chunk.take())).isInstanceOf(HaltException.class);
    }

    @Test
    void aCommitOfAnotherTransactionIsFatal() {
        LogDecoder decoder = decoder(100, null);
        begin(150, 7);
        commit(151, 160);

        assertThatThrownBy(() -> decoder.decode(chunk.take())).isInstanceOf(HaltException.class);
    }

    @Test
    void whatALoadHasSeenIsDroppedAndWhatItHasNotIsKept() {
        LogDecoder decoder = decoder(100, SeenTransactions.of("5:10:7", 200));
        relation();
        transaction(120, 6, "1", "visible");
        transaction(130, 7, "2", "in progress");
        transaction(140, 11, "3", "later");
        transaction(210, 6, "4", "past the load");

        decoder.decode(chunk.take());

        assertThat(seen.stream().filter(line -> line.startsWith("upsert")).map(line -> line.substring(7, 8)))
                .containsExactly("2", "3", "4");
    }

    @Test
    void aRowThatWasDeletedBetweenTwoLoadsIsDeletedWhenTheSecondIsCaughtUpWith() {
        LogDecoder decoder = decoder(100, SeenTransactions.of("10:10:", 200));
        relation();
        begin(120, 6);
        delete("1");
        delete("2");
        insert("2", "back");
        commit(120, 125);
        begin(190, 12);
        insert("3", "new");
        commit(190, 200);

        decoder.decode(chunk.take());

        assertThat(seen)
                .containsExactly(
                        "boundary 125 of 3",
                        "upsert 3=new at " + new Position(1, 125, 1),
                        "delete 1 at " + new Position(1, 200, 0),
                        "boundary 200 of 1");
    }

    @Test
    void aRowThatCameBackUnseenByTheLoadIsNotDeletedWhenThatIsCaughtUpWith() {
        LogDecoder decoder = decoder(100, SeenTransactions.of("9:10:9", 200));
        relation();
        begin(120, 6);
        delete("1");
        commit(120, 125);
        transaction(130, 9, "1", "committed in the log, not visible yet");
        transaction(190, 12, "2", "later");
        transaction(210, 13, "3", "past the load");

        decoder.decode(chunk.take());

        assertThat(seen.stream().filter(line -> !line.startsWith("boundary")).map(line -> line.substring(0, 8)))
                .containsExactly("upsert 1", "upsert 2", "upsert 3");
    }

    @Test
    void aTruncatedTableHasItsPlaceUnlessALoadHasSeenIt() {
        LogDecoder decoder = decoder(100, null);
        windows.addChunk(new ChunkWindow(SeenTransactions.of("10:10:", 200), Set.of()));
        relation();
        begin(120, 6);
        truncate();
        commit(120, 125);
        begin(130, 11);
        insert("1", "a");
        truncate();
        commit(130, 135);

        decoder.decode(chunk.take());

        assertThat(seen)
                .containsExactly(
                        "truncate at " + new Position(1, 100, 1) + " before a load",
                        "boundary 125 of 1",
                        "upsert 1=a at " + new Position(1, 125, 1),
                        "truncate at " + new Position(1, 125, 2),
                        "boundary 135 of 2");
    }

    @Test
    void transactionIdsAreComparedAcrossTheirWrapAround() {
        long end = (3L << 32) + 5;
        SeenTransactions filter = SeenTransactions.of((end - 100) + ":" + end + ":", 1_000);

        assertThat(filter.hasSeen(10, 4)).isTrue();
        assertThat(filter.hasSeen(10, 5)).isFalse();
        assertThat(filter.hasSeen(10, -2)).as("just before the wrap").isTrue();
        assertThat(filter.hasSeen(2_000, 4)).as("beyond the load").isFalse();
    }

    @Test
    void anEventOfARowThatARangeHeldIsDroppedIfTheRangeHasSeenIt() {
        LogDecoder decoder = decoder(100, null);
        windows.addChunk(new ChunkWindow(SeenTransactions.of("5:10:7", 200), Set.of(key(1), key(2))));
        relation();
        transaction(120, 6, "1", "older than the row that was read");
        transaction(130, 7, "2", "not visible to the reading");
        transaction(140, 8, "3", "another row");
        begin(150, 9);
        delete("4");
        delete("1");
        commit(150, 155);
        transaction(210, 6, "1", "past the reading");

        decoder.decode(chunk.take());

        assertThat(seen.stream().filter(line -> !line.startsWith("boundary")).map(line -> line.substring(0, 8)))
                .containsExactly("upsert 2", "upsert 3", "delete 4", "upsert 1");
        assertThat(windows.isEmpty()).isTrue();
    }

    @Test
    void aTableThatCanNotGoOnIsLeftOutAndTheOthersGoOn() {
        LogDecoder decoder = decoder(100, null);
        refused = "2";
        relation();
        begin(120, 6);
        insert("1", "a");
        insert("2", "b");
        insert("3", "c");
        commit(120, 125);

        decoder.decode(chunk.take());

        assertThat(seen)
                .containsExactly(
                        "upsert 1=a at " + new Position(1, 100, 1), "halted REFUSED at 100", "boundary 125 of 3");
    }

    private static Key key(int id) {
        return new Key(ROW.keySchema(), new Object[] {id});
    }

    private LogDecoder decoder(long stored, SeenTransactions whole) {
        return decoder(stored, whole, SourceSpec.Origins.ALL);
    }

    private LogDecoder decoder(long stored, SeenTransactions whole, SourceSpec.Origins origins) {
        if (whole != null) {
            windows.addWhole(whole);
        }
        StreamTable.Output output = new StreamTable.Output() {
            @Override
            public void upserted(Change.Upserted change) {
                if (String.valueOf(change.key().part(0)).equals(refused)) {
                    throw new HaltException("REFUSED", "so", null, "nothing");
                }
                seen.add("upsert " + change.key().part(0) + "=" + change.after().value(1) + " at "
                        + change.provenance().position()
                        + (change.before() == null
                                ? ""
                                : " before " + change.before().value(1)));
            }

            @Override
            public void upsertedInPart(Change.Upserted change, List<String> key) {
                seen.add("part of " + key);
            }

            @Override
            public void deleted(Change.Deleted change) {
                seen.add("delete " + change.key().part(0) + " at "
                        + change.provenance().position()
                        + (change.before() == null
                                ? ""
                                : " before " + change.before().value(1)));
            }

            @Override
            public void truncated(Change.Truncated change, boolean seenByLoad) {
                seen.add("truncate at " + change.provenance().position() + (seenByLoad ? " before a load" : ""));
            }
        };
        return new LogDecoder(
                1,
                new StoredOffset(stored, 0),
                new StreamTable.Tables() {
                    @Override
                    public StreamTable open(Relation relation) {
                        return new StreamTable(ITEMS, ROW, windows, output);
                    }

                    @Override
                    public void halted(TableId table, HaltException cause, long boundary) {
                        seen.add("halted " + cause.code() + " at " + boundary);
                    }

                    @Override
                    public void reached(int epoch, long boundary) {
                        windows.reached(epoch, boundary, output::deleted);
                    }
                },
                origins,
                (offset, changes, transaction) -> seen.add("boundary " + offset.lsn() + " of " + changes));
    }

    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    private void message(char kind, Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(kind);
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        chunk.append(ByteBuffer.wrap(bytes.toByteArray()));
    }

    private void transaction(long lsn, int id, String key, String value) {
        begin(lsn, id);
        insert(key, value);
        commit(lsn, lsn + 5);
    }

    private void begin(long lsn, int id) {
        message('B', out -> {
            out.writeLong(lsn);
            out.writeLong(0);
            out.writeInt(id);
        });
    }

    private void origin(String name) {
        message('O', out -> {
            out.writeLong(77);
            text(out, name);
        });
    }

    private void commit(long lsn, long end) {
        message('C', out -> {
            out.writeByte(0);
            out.writeLong(lsn);
            out.writeLong(end);
            out.writeLong(0);
        });
    }

    private void relation() {
        message('R', out -> {
            out.writeInt(OID);
            text(out, "public");
            text(out, "items");
            out.writeByte('d');
            out.writeShort(2);
            out.writeByte(1);
            text(out, "id");
            out.writeInt(23);
            out.writeInt(-1);
            out.writeByte(0);
            text(out, "v");
            out.writeInt(25);
            out.writeInt(-1);
        });
    }

    private void insert(String key, String value) {
        message('I', out -> {
            out.writeInt(OID);
            out.writeByte('N');
            out.writeShort(2);
            field(out, key);
            field(out, value);
        });
    }

    private void update(String oldKey, String oldValue, String key, String value) {
        message('U', out -> {
            out.writeInt(OID);
            out.writeByte('O');
            out.writeShort(2);
            field(out, oldKey);
            field(out, oldValue);
            out.writeByte('N');
            out.writeShort(2);
            field(out, key);
            field(out, value);
        });
    }

    private void delete(String key) {
        message('D', out -> {
            out.writeInt(OID);
            out.writeByte('K');
            out.writeShort(2);
            field(out, key);
            out.writeByte('n');
        });
    }

    private void truncate() {
        message('T', out -> {
            out.writeInt(1);
            out.writeByte(0);
            out.writeInt(OID);
        });
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.writeByte(0);
    }

    private static void field(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeByte('t');
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
