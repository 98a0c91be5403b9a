package io.sluice.sink;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.Row;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TargetTable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Books that are kept twice: each transfer takes from one account what it gives to another, and says so in two entries. Whoever sees
 * a part of a source transaction sees books that do not balance. Belongs to one thread.
 */
final class DoubleEntry {

    static final int ACCOUNTS = 40;
    static final long OPENING = 1_000;

    private static final TargetTable ACCOUNT = TargetTable.inDefaultSchema("accounts");
    private static final TargetTable ENTRY = TargetTable.inDefaultSchema("entries");
    private static final TargetTable TRANSFER = TargetTable.inDefaultSchema("transfers");
    static final List<TargetTable> TABLES = List.of(ENTRY, TRANSFER, ACCOUNT);

    private static final RowSchema ACCOUNTS_OF = schema("accounts", "id", "balance", "badge");
    private static final RowSchema ENTRIES_OF = schema("entries", "id", "transfer", "account", "amount");
    private static final RowSchema TRANSFERS_OF = schema("transfers", "id", "parts");

    /** In one look: what is in the books, and how many accounts and transfers do not agree with their entries. */
    static final String LOOK =
            """
            SELECT (SELECT coalesce(sum(balance), 0) FROM accounts), (SELECT count(*) FROM accounts),
                (SELECT count(*) FROM transfers), (SELECT coalesce(max(id), 0) FROM transfers),
                (SELECT count(*) FROM accounts a LEFT JOIN (SELECT account, sum(amount) AS moved FROM entries GROUP BY 1) e
                     ON e.account = a.id WHERE a.balance <> %d + coalesce(e.moved, 0)),
                (SELECT count(*) FROM transfers t LEFT JOIN (SELECT transfer, count(*) AS parts FROM entries GROUP BY 1) e
                     ON e.transfer = t.id WHERE t.parts <> coalesce(e.parts, 0))
            """
                    .formatted(OPENING);

    private final RowProducer producer;
    private final Random random;
    private final long[] balances = new long[ACCOUNTS];
    private final long[] badges = new long[ACCOUNTS];
    private long transfers;
    private long entries;
    private long changes;
    private long repeatFrom = -1;
    private Runnable repeat = () -> {};

    DoubleEntry(RowProducer producer, Random random) {
        this.producer = producer;
        this.random = random;
        Arrays.fill(balances, OPENING);
        for (int i = 0; i < ACCOUNTS; i++) {
            badges[i] = i;
        }
    }

    private static RowSchema schema(String name, String... columns) {
        return new RowSchema(
                name,
                Arrays.stream(columns)
                        .map(column -> new Column(column, Simple.INT64, "bigint", false))
                        .toList(),
                List.of("id"));
    }

    static Map<TargetTable, RowSchema> shapes() {
        return Map.of(ACCOUNT, ACCOUNTS_OF, ENTRY, ENTRIES_OF, TRANSFER, TRANSFERS_OF);
    }

    /** In one order, so that a sink in another process calls the same shapes the same. */
    static void register(SinkRig rig) {
        RowProducer.register(rig, ACCOUNT, ACCOUNTS_OF);
        RowProducer.register(rig, ENTRY, ENTRIES_OF);
        RowProducer.register(rig, TRANSFER, TRANSFERS_OF);
    }

    /** The constraints that books have; two accounts that swap their badges collide on their way. */
    static void constrain(SinkRig rig) {
        rig.execute("ALTER TABLE entries ADD FOREIGN KEY (account) REFERENCES accounts (id), "
                + "ADD FOREIGN KEY (transfer) REFERENCES transfers (id) DEFERRABLE");
        rig.execute("CREATE INDEX ON entries (account)");
        rig.execute("CREATE UNIQUE INDEX ON accounts (badge)");
    }

    void open() {
        producer.inTransaction(() -> producer.transaction("open", () -> {
            for (int i = 0; i < ACCOUNTS; i++) {
                account(i);
            }
        }));
    }

    private void account(int id) {
        changes++;
        producer.upsert(ACCOUNT, new Row(ACCOUNTS_OF, new Object[] {(long) id, balances[id], badges[id]}));
    }

    /** Some transactions, as a transform hands them on: now and then one that it had handed on before, or in two halves. */
    void transact() {
        if (random.nextInt(6) == 0 && repeatFrom >= 0) {
            long next = producer.offset();
            producer.setBack(repeatFrom);
            producer.inTransaction(repeat);
            producer.setBack(next);
        }
        if (random.nextInt(4) == 0) {
            halves();
        }
        producer.inTransaction(() -> {
            for (int i = 0; i < 8; i++) {
                whole(1 + random.nextInt(6));
            }
            if (random.nextInt(10) == 0) {
                // More than is written at once.
                whole(400);
            }
        });
    }

    private void whole(int moves) {
        producer.transaction("t" + transfers, () -> {
            for (int i = 0; i < moves; i++) {
                transfer(1 + random.nextInt(3));
            }
            if (moves < 10 && random.nextInt(8) == 0) {
                swapBadges();
            }
        });
    }

    private void halves() {
        long from = producer.offset();
        long[] before = {transfers, entries, changes};
        long seed = random.nextLong();
        long[] balancesBefore = balances.clone();
        String name = "h" + transfers;
        Runnable both = () -> producer.transaction(name, () -> moves(new Random(seed)));
        producer.inTransaction(() -> producer.begin(name));
        producer.inTransaction(() -> moves(new Random(seed)));
        long sent = changes - before[2];
        producer.inTransaction(() -> producer.end(name, sent));
        repeatFrom = from;
        repeat = () -> {
            long[] now = {transfers, entries, changes};
            long[] balancesNow = balances.clone();
            restore(before, balancesBefore);
            both.run();
            restore(now, balancesNow);
        };
    }

    private void restore(long[] counts, long[] to) {
        transfers = counts[0];
        entries = counts[1];
        changes = counts[2];
        System.arraycopy(to, 0, balances, 0, to.length);
    }

    private void moves(Random of) {
        for (int i = 0; i < 3; i++) {
            transfer(of, 2);
        }
    }

    private void transfer(int pairs) {
        transfer(random, pairs);
    }

    /** Entries before their transfer, and accounts last: the target's own order is another. */
    private void transfer(Random of, int pairs) {
        long id = ++transfers;
        for (int i = 0; i < pairs; i++) {
            int from = of.nextInt(ACCOUNTS);
            int to = (from + 1 + of.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
            long amount = 1L + of.nextInt(50);
            balances[from] -= amount;
            balances[to] += amount;
            entry(id, from, -amount);
            entry(id, to, amount);
            account(from);
            account(to);
        }
        changes++;
        producer.upsert(TRANSFER, new Row(TRANSFERS_OF, new Object[] {id, 2L * pairs}));
    }

    private void entry(long transfer, int account, long amount) {
        changes++;
        producer.upsert(ENTRY, new Row(ENTRIES_OF, new Object[] {++entries, transfer, (long) account, amount}));
    }

    private void swapBadges() {
        int one = random.nextInt(ACCOUNTS);
        int other = (one + 1) % ACCOUNTS;
        long badge = badges[one];
        badges[one] = badges[other];
        badges[other] = badge;
        account(one);
        account(other);
    }

    long changes() {
        return changes;
    }

    long transfers() {
        return transfers;
    }

    long entries() {
        return entries;
    }

    /** Each account's balance and badge, by its id. */
    List<String> accounts() {
        return IntStream.range(0, ACCOUNTS)
                .mapToObj(i -> i + "|" + balances[i] + "|" + badges[i])
                .toList();
    }
}
