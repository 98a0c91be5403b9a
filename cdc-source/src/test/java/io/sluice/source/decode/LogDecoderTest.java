package io.sluice.source.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.HaltException;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import io.sluice.source.position.StoredOffset;
import io.sluice.source.position.TableLoad;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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
        LogDecoder decoder = decoder(100, new TableLoad.Filter("5:10:7", 200));
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
        LogDecoder decoder = decoder(100, new TableLoad.Filter("10:10:", 200));
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
    void transactionIdsAreComparedAcrossTheirWrapAround() {
        long end = (3L << 32) + 5;
        LoadFilter filter = LoadFilter.of(new TableLoad.Filter((end - 100) + ":" + end + ":", 1_000));

        assertThat(filter.hasSeen(10, 4)).isTrue();
        assertThat(filter.hasSeen(10, 5)).isFalse();
        assertThat(filter.hasSeen(10, -2)).as("just before the wrap").isTrue();
        assertThat(filter.hasSeen(2_000, 4)).as("beyond the load").isFalse();
    }

    private LogDecoder decoder(long stored, TableLoad.Filter filter) {
        StreamTable.Output output = new StreamTable.Output() {
            @Override
            public void upserted(Change.Upserted change) {
                seen.add("upsert " + change.key().part(0) + "=" + change.after().value(1) + " at "
                        + change.provenance().position());
            }

            @Override
            public void deleted(Change.Deleted change) {
                seen.add("delete " + change.key().part(0) + " at "
                        + change.provenance().position());
            }

            @Override
            public void truncated() {
                seen.add("truncate");
            }
        };
        return new LogDecoder(
                1,
                new StoredOffset(stored, 0),
                relation -> new StreamTable(ITEMS, ROW, filter, output),
                (offset, changes) -> seen.add("boundary " + offset.lsn() + " of " + changes));
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

    private void delete(String key) {
        message('D', out -> {
            out.writeInt(OID);
            out.writeByte('K');
            out.writeShort(2);
            field(out, key);
            out.writeByte('n');
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
