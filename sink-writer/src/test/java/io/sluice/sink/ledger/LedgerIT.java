package io.sluice.sink.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.localstack.testing.PostgresServer;
import io.sluice.platform.error.HaltException;
import io.sluice.sink.batch.Begun;
import io.sluice.sink.batch.Origins;
import io.sluice.sink.batch.RowPartition;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LedgerIT {

    private static final RowPartition PARTITION = new RowPartition("p.s.rows.t", 0);
    private static final Map<RowPartition, String> IDS = Map.of(PARTITION, "topic-1");
    private static final Origins ORIGINS =
            Origins.of(Map.of(new Origins.ChangePartition("changes", 2), new Origins.Mark(41, 3)));

    private final String url = PostgresServer.shared().freshDatabase("ledger").jdbcUrl();
    private final Ledger ledger = new Ledger("p", "s", "cluster-1");
    private Connection first;
    private Connection second;

    @BeforeEach
    void connect() throws SQLException {
        first = connection();
        second = connection();
        LedgerSchema.prepare(first);
        LedgerSchema.prepare(second);
    }

    private Connection connection() throws SQLException {
        Connection opened = DriverManager.getConnection(url);
        opened.setAutoCommit(false);
        return opened;
    }

    @AfterEach
    void disconnect() throws SQLException {
        first.close();
        second.close();
    }

    private Claim taken(Connection connection) throws SQLException {
        ledger.enter(connection, IDS);
        Claim claim = ledger.take(connection, IDS).get(0);
        connection.commit();
        return claim;
    }

    @Test
    void aNewTopicBeginsAtItsBeginningAndRemembersHowFarItIs() throws Exception {
        Claim claim = taken(first);
        assertThat(claim).isEqualTo(new Claim(PARTITION, "topic-1", 1, 0, Origins.NONE, Begun.NONE));
        ledger.move(first, List.of(claim), List.of(claim.movedTo(12, ORIGINS)));
        first.commit();
        assertThat(taken(second)).isEqualTo(new Claim(PARTITION, "topic-1", 2, 12, ORIGINS, Begun.NONE));
    }

    @Test
    void whoHasLostItsClaimMovesNothing() throws Exception {
        Claim old = taken(first);
        Claim now = taken(second);
        assertThatThrownBy(() -> ledger.move(first, List.of(old), List.of(old.movedTo(5, ORIGINS))))
                .isInstanceOf(StaleClaimException.class);
        first.rollback();
        assertThatThrownBy(() -> ledger.retake(first, List.of(old))).isInstanceOf(StaleClaimException.class);
        first.rollback();
        ledger.move(second, List.of(now), List.of(now.movedTo(5, ORIGINS)));
        second.commit();
    }

    @Test
    void aSecondMoveFromTheSamePlaceIsRefusedEvenByTheHolder() throws Exception {
        Claim claim = taken(first);
        ledger.move(first, List.of(claim), List.of(claim.movedTo(5, ORIGINS)));
        first.commit();
        assertThatThrownBy(() -> ledger.move(first, List.of(claim), List.of(claim.movedTo(5, ORIGINS))))
                .isInstanceOf(StaleClaimException.class);
    }

    @Test
    void takingWaitsForTheBatchThatIsOnItsWay() throws Exception {
        Claim claim = taken(first);
        ledger.move(first, List.of(claim), List.of(claim.movedTo(9, ORIGINS)));
        CountDownLatch started = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            CompletableFuture<Claim> taker = CompletableFuture.supplyAsync(
                    () -> {
                        started.countDown();
                        try {
                            return taken(second);
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    executor);
            started.await();
            assertThat(taker).isNotDone();
            first.commit();
            assertThat(taker.get().position()).isEqualTo(9);
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void aLostReplyToCommitIsFoundOutByTakingAgain() throws Exception {
        Claim claim = taken(first);
        ledger.move(first, List.of(claim), List.of(claim.movedTo(7, ORIGINS)));
        first.commit();
        List<Claim> again = ledger.retake(second, List.of(claim));
        second.commit();
        assertThat(again).containsExactly(new Claim(PARTITION, "topic-1", 2, 7, ORIGINS, Begun.NONE));
    }

    @Test
    void aTopicMadeAgainIsNotTakenForTheOneBefore() throws Exception {
        taken(first);
        assertThatThrownBy(() -> ledger.enter(first, Map.of(PARTITION, "topic-2")))
                .isInstanceOf(HaltException.class)
                .hasMessageContaining("TOPIC_RECREATED")
                .hasMessageContaining("p.s.rows.t");
        assertThatThrownBy(() -> new Ledger("p", "s", "cluster-2").enter(first, IDS))
                .isInstanceOf(HaltException.class)
                .hasMessageContaining("another Kafka cluster");
        assertThat(new Ledger("p", "other", "cluster-1").enter(first, Map.of(PARTITION, "topic-2")))
                .containsExactly(PARTITION);
    }

    @Test
    void aNewerLedgerIsLeftAlone() throws Exception {
        try (Statement statement = first.createStatement()) {
            statement.execute("UPDATE sluice.version SET version = 99");
        }
        first.commit();
        assertThatThrownBy(() -> LedgerSchema.prepare(first))
                .isInstanceOf(HaltException.class)
                .hasMessageContaining("LEDGER_NEWER");
        assertThatThrownBy(() -> LedgerSchema.requirePresent(first)).isInstanceOf(HaltException.class);
    }
}
