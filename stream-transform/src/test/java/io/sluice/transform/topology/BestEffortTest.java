package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.platform.deadletter.Reason;
import io.sluice.platform.deadletter.ReplayRequest;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.Unchanged;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import io.sluice.schemas.pipeline.DeletePolicy;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.RuleSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.pipeline.TableSpecBuilder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Keys that go on past their dead letters, and that what they have passed does not come back. */
class BestEffortTest {

    private static final TableId USERS = ServiceFixture.USERS;

    /** One change may be parked. */
    private static final DeadLettersSpec LIMITS = new DeadLettersSpec(5, 20, 1, 1 << 20);

    private final InMemorySchemaStore schemas = new InMemorySchemaStore();
    private DrivenTopology driven = of(DeadLettersSpec.DEFAULT, ruled());

    private DrivenTopology of(DeadLettersSpec limits, TableSpecBuilder... tables) {
        return new DrivenTopology(
                schemas,
                ServiceFixture.bestEffort(
                        schemas,
                        limits,
                        Arrays.stream(tables).map(TableSpecBuilder::build).toArray(TableSpec[]::new)));
    }

    /** A copy of users, none of whom may have the mail "bad". */
    private static TableSpecBuilder ruled() {
        return TableSpec.builder(ServiceFixture.USERS_COPY, USERS)
                .rules(List.of(
                        new RuleSpec("good_mail", new Expression("email != 'bad'", Place.NOWHERE), Place.NOWHERE)));
    }

    private void instead(DeadLettersSpec limits, TableSpecBuilder... tables) {
        driven.close();
        driven = of(limits, tables);
    }

    @AfterEach
    void close() {
        driven.close();
    }

    private Change.Upserted user(int id, Object email) {
        return driven.fixture.users.insert(id, email);
    }

    private void replayAll() {
        driven.send(new ReplayRequest(driven.fixture.changesOf(USERS), null));
    }

    /** Of each row that came the mail, or that it is gone. */
    private List<String> rows() {
        return driven.received(ServiceFixture.USERS_COPY).stream()
                .filter(record -> record.key() != null)
                .map(record -> record.value() == null
                        ? "gone"
                        : String.valueOf(driven.row(record).value("email")))
                .toList();
    }

    private List<Reason> reasons() {
        return driven.letters().stream()
                .map(letter -> letter.verdict().reason())
                .toList();
    }

    private long parked() {
        return driven.meters.progress().parkedKeys();
    }

    @Test
    void aLaterRowGoesOnAndAReplayDoesNotBringTheEarlierOneBack() {
        Change.Upserted unreadable = user(1, "a");
        byte[] whole = driven.fixture.value(unreadable);
        driven.send(USERS, driven.fixture.key(unreadable), Arrays.copyOf(whole, whole.length - 3));
        assertThat(parked()).isEqualTo(1);
        driven.send(user(1, "b"));
        replayAll();
        driven.send(user(1, "bad"));
        driven.send(user(1, "c"));
        replayAll();

        assertThat(reasons()).containsExactly(Reason.UNREADABLE, Reason.RULE);
        assertThat(rows()).containsExactly("b", "c");
        assertThat(parked()).isZero();
    }

    @Test
    void aRowThatIsDeletedBehindItsLetterStaysDeleted() {
        driven.send(user(1, "bad"));
        driven.send(driven.fixture.users.deleteByKey(1));
        replayAll();

        assertThat(rows()).containsExactly("gone");
        assertThat(parked()).isZero();
    }

    @Test
    void aChangeOfSomeColumnsFollowsTheRowThatItIsMadeOn() {
        driven.send(user(1, "bad"));
        driven.send(user(1, Unchanged.UNCHANGED));
        assertThat(reasons()).containsExactly(Reason.RULE, Reason.PARKED);
        assertThat(rows()).isEmpty();
        driven.send(user(1, "c"));

        assertThat(rows()).containsExactly("c");
        assertThat(parked()).isZero();
    }

    @Test
    void ofTwoUnfitRowsTheLaterOneIsLeftToBeReplayed() {
        instead(LIMITS, ruled());
        driven.send(user(1, "bad"));
        driven.send(user(1, "bad"));

        assertThat(reasons()).containsExactly(Reason.RULE, Reason.RULE);
        assertThat(parked()).isEqualTo(1);
    }

    @Test
    void whereWhatARowLeavesBehindIsToldByTheRowBeforeLaterChangesFollow() {
        instead(DeadLettersSpec.DEFAULT, ruled().key(List.of("email")));
        Change.Upserted bad =
                driven.fixture.users.update(driven.fixture.users.row(1, "old"), driven.fixture.users.row(1, "bad"));
        driven.send(bad);
        driven.send(driven.fixture.users.update(bad.after(), driven.fixture.users.row(1, "new")));

        assertThat(reasons()).containsExactly(Reason.RULE, Reason.PARKED);
        assertThat(rows()).isEmpty();
    }

    @Test
    void whereDeletedRowsStayADeleteFollows() {
        instead(DeadLettersSpec.DEFAULT, ruled().deletes(new DeletePolicy.Soft("deleted_at")));
        driven.send(user(1, "bad"));
        driven.send(driven.fixture.users.deleteByKey(1));
        assertThat(reasons()).containsExactly(Reason.RULE, Reason.PARKED);
        driven.send(user(1, "b"));

        assertThat(rows()).containsExactly("b");
    }

    @Test
    void aRowThatIsTakenApartLeavesNothingOfWhatItPassed() {
        TableSpecBuilder lines = TableSpec.builder(ServiceFixture.LINES, ServiceFixture.ORDERS)
                .split(ServiceFixture.lines().split().orElseThrow())
                .key(List.of("order_id", "sku"))
                .columns(ServiceFixture.lines().columns())
                .rules(List.of(new RuleSpec(
                        "few", new Expression("amount == null || amount < 100", Place.NOWHERE), Place.NOWHERE)));
        instead(DeadLettersSpec.DEFAULT, lines);
        driven.send(order("[{\"sku\": \"a\", \"qty\": 1}, {\"sku\": \"b\", \"qty\": 1}]"));
        driven.send(order("[{\"sku\": \"c\", \"qty\": 100}]"));
        driven.send(order("[{\"sku\": \"b\", \"qty\": 2}]"));
        driven.send(new ReplayRequest(driven.fixture.changesOf(ServiceFixture.ORDERS), null));

        assertThat(reasons()).containsExactly(Reason.RULE);
        assertThat(driven.received(ServiceFixture.LINES).stream()
                        .map(record -> record.value() == null
                                ? "gone"
                                : driven.row(record).value("sku") + " "
                                        + driven.row(record).value("amount")))
                .containsExactly("a 1", "b 1", "b 2", "gone");
    }

    private Change.Upserted order(String items) {
        return driven.fixture.orders.insert(1L, "ada", items, null, null, null);
    }

    @Test
    void theEndOfALoadWaitsForARowThatItShowedUntilALaterOneComes() {
        driven.send(USERS, LoadMarker.begin(USERS, "2.1", true, new Position(2, 7, 0)));
        Change.Upserted bad = user(1, "bad");
        driven.send(new Change.Upserted(
                USERS,
                bad.key(),
                bad.after(),
                null,
                new Provenance(new Position(2, 8, 0), 0, null, Provenance.Kind.SNAPSHOT)));
        driven.send(USERS, LoadMarker.end(USERS, "2.1", true, new Position(2, 9, 0)));
        assertThat(markers()).containsExactly(LoadMarker.Kind.BEGIN);
        driven.send(user(1, "b"));

        assertThat(driven.received(ServiceFixture.USERS_COPY)).hasSize(2).satisfies(records -> assertThat(
                        ServiceFixture.marker(records.get(1).headers()).kind())
                .isEqualTo(LoadMarker.Kind.END));
    }

    private List<LoadMarker.Kind> markers() {
        return driven.received(ServiceFixture.USERS_COPY).stream()
                .map(record -> ServiceFixture.marker(record.headers()).kind())
                .toList();
    }
}
