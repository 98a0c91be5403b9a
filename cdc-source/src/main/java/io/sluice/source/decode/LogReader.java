package io.sluice.source.decode;

import java.util.Optional;

/** Takes chunks apart into the messages of PostgreSQL's {@code pgoutput}, version 1. Belongs to one thread. */
final class LogReader {

    /** 2000-01-01, from where PostgreSQL counts. */
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    private final LogHandler handler;
    private final Tuple before = new Tuple();
    private final Tuple after = new Tuple();

    LogReader(LogHandler handler) {
        this.handler = handler;
    }

    void read(byte[] chunk) {
        LogCursor in = new LogCursor(chunk);
        while (!in.atEnd()) {
            int length = in.readInt();
            if (length == 0) {
                // What versions before 15 send of an origin that was dropped since.
                handler.origin(Optional.empty());
                continue;
            }
            int end = in.position() + length;
            int kind = in.readByte();
            if (message(kind, in)) {
                if (in.position() != end) {
                    throw new IllegalStateException("a message of kind " + (char) kind + " in the log is misread");
                }
            } else {
                in.skip(end - in.position());
            }
        }
    }

    /** Says whether the message was read; others are of no interest to us. */
    private boolean message(int kind, LogCursor in) {
        switch (kind) {
            case 'B' -> {
                long commitLsn = in.readLong();
                long micros = in.readLong() + EPOCH_MICROS;
                handler.begin(commitLsn, micros, in.readInt());
            }
            case 'C' -> {
                in.skip(1);
                long commitLsn = in.readLong();
                long endLsn = in.readLong();
                handler.commit(commitLsn, endLsn, in.readLong() + EPOCH_MICROS);
            }
            case 'O' -> {
                in.skip(Long.BYTES);
                handler.origin(Optional.of(in.readText()));
            }
            case 'R' -> handler.relation(Relation.read(in));
            case 'I' -> {
                int relation = in.readInt();
                expect(in, 'N');
                after.read(in);
                handler.insert(relation, after);
            }
            case 'U' -> update(in);
            case 'D' -> {
                int relation = in.readInt();
                boolean whole = in.readByte() == 'O';
                before.read(in);
                handler.delete(relation, before, whole);
            }
            case 'T' -> {
                int[] relations = new int[in.readInt()];
                in.skip(1);
                for (int i = 0; i < relations.length; i++) {
                    relations[i] = in.readInt();
                }
                handler.truncate(relations);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void update(LogCursor in) {
        int relation = in.readInt();
        int part = in.readByte();
        boolean hasBefore = part == 'O' || part == 'K';
        if (hasBefore) {
            before.read(in);
            expect(in, 'N');
        } else if (part != 'N') {
            throw new IllegalStateException("an update in the log begins with " + (char) part);
        }
        after.read(in);
        handler.update(relation, hasBefore ? before : null, part == 'O', after);
    }

    private static void expect(LogCursor in, char part) {
        int found = in.readByte();
        if (found != part) {
            throw new IllegalStateException("the log has " + (char) found + " where " + part + " belongs");
        }
    }
}
