package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.deadletter.Reason;
import io.sluice.platform.deadletter.ReplayRequest;
import io.sluice.platform.deadletter.Verdict;
import io.sluice.schemas.codec.InMemorySchemaStore;
import io.sluice.schemas.codec.LoadMarker;
import io.sluice.schemas.codec.MalformedRecordException;
import io.sluice.schemas.codec.UnknownSchemaException;
import io.sluice.schemas.codec.Wire;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.model.Change;
import io.sluice.schemas.model.Origin;
import io.sluice.schemas.model.Position;
import io.sluice.schemas.model.Provenance;
import io.sluice.schemas.pipeline.Consistency;
import io.sluice.schemas.pipeline.DeadLettersSpec;
import io.sluice.schemas.pipeline.Expression;
import io.sluice.schemas.pipeline.Place;
import io.sluice.schemas.pipeline.RuleSpec;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of changes that can't become rows, of later changes of their keys, and of loads that meet these. */
class DeadLettersTest {

    private static final DeadLettersSpec LIMITS = new DeadLettersSpec(5, 20, 4, 1 << 20);

    private final InMemorySchemaStore schemas = new InMemorySchemaStore();
    private DrivenTopology driven = driven(Consistency.EVENTUAL, DeadLettersSpec.DEFAULT);
    private int loads;

    private DrivenTopology driven(Consistency consistency, DeadLettersSpec limits) {
        return new DrivenTopology(schemas, new ServiceFixture("shop", schemas, 1, consistency, limits));
    }

    private void instead(Consistency consistency, DeadLettersSpec limits) {
        driven.close();
        driven = driven(consistency, limits);
    }

    @AfterEach
    void close() {
        driven.close();
    }

    private Change.Upserted account(long id, String owner) {
        return driven.fixture.accounts.insert(id, owner, BigDecimal.ONE);
    }

    private Change.Upserted loaded(Change.Upserted change) {
        Provenance streamed = change.provenance();
        return new Change.Upserted(
                change.table(),
                change.key(),
                change.after(),
                null,
                new Provenance(streamed.position(), streamed.commitTimeMicros(), null, Provenance.Kind.SNAPSHOT));
    }

    /** A change whose last bytes are missing. */
    private byte[] cut(Change change) {
        byte[] whole = driven.fixture.value(change);
        return Arrays.copyOf(whole, whole.length - 3);
    }

    private void sendCut(Change change) {
        driven.send(change.table(), driven.fixture.key(change), cut(change));
    }

    private LoadMarker begin() {
        loads++;
        LoadMarker marker = LoadMarker.begin(ServiceFixture.ACCOUNTS, "2." + loads, true, new Position(2, 7, 0));
        driven.send(ServiceFixture.ACCOUNTS, marker);
        return marker;
    }

    private LoadMarker end() {
        LoadMarker marker = LoadMarker.end(ServiceFixture.ACCOUNTS, "2." + loads, true, new Position(2, 9, 0));
        driven.send(ServiceFixture.ACCOUNTS, marker);
        return marker;
    }

    private void replay(Change.@Nullable Upserted of) {
        driven.send(new ReplayRequest(
                driven.fixture.changesOf(ServiceFixture.ACCOUNTS),
                of == null ? null : Bytes.wrap(driven.fixture.key(of.table(), of.key()))));
    }

    /** A user whose deletion can't be mapped, for the log does not say what mail it had. */
    private Change.Deleted unmappable(int id) {
        return driven.fixture.users.deleteByKey(id);
    }

    private List<String> owners() {
        return driven.received(ServiceFixture.ACCOUNTS_COPY).stream()
                .filter(record -> record.key() != null)
                .map(record -> String.valueOf(driven.row(record).value("owner")))
                .toList();
    }

    private List<LoadMarker> markers() {
        return driven.received(ServiceFixture.ACCOUNTS_COPY).stream()
                .map(record -> ServiceFixture.marker(record.headers()))
                .toList();
    }

    private List<Reason> reasons() {
        return driven.letters().stream()
                .map(letter -> letter.verdict().reason())
                .toList();
    }

    @Test
    void aRecordThatCannotBeReadIsKeptAsItWasAndTheRestGoesOn() {
        Change.Upserted change = account(1, "secret-value");
        Headers headers = new RecordHeaders().add("traceparent", new byte[] {7});
        driven.send(account(9, "before"));
        driven.send(
                driven.fixture.changesOf(ServiceFixture.ACCOUNTS), driven.fixture.key(change), cut(change), headers);
        driven.send(account(2, "after"));

        DeadLetter letter = driven.letters().get(0);
        assertThat(letter.key()).isEqualTo(Bytes.wrap(driven.fixture.key(change)));
        assertThat(letter.value()).isEqualTo(Bytes.wrap(cut(change)));
        assertThat(letter.headers()).isEqualTo(headers);
        assertThat(letter.topic()).isEqualTo(driven.fixture.changesOf(ServiceFixture.ACCOUNTS));
        assertThat(letter.offset()).isEqualTo(1);
        assertThat(letter.verdict().stage()).isEqualTo(Verdict.TRANSFORM);
        assertThat(letter.verdict().reason()).isEqualTo(Reason.UNREADABLE);
        assertThat(letter.verdict().code()).isEqualTo("RECORD_UNREADABLE");
        assertThat(letter.verdict().problem()).doesNotContain("secret-value");
        assertThat(owners()).containsExactly("before", "after");
        assertThat(driven.meters.progress().deadLetters()).isEqualTo(Map.of(Reason.UNREADABLE, 1L));
        assertThat(driven.meters.progress().parkedKeys()).isEqualTo(1);
    }

    @Test
    void eachWayToBeUnreadableIsToldApart() {
        byte[] key = driven.fixture.key(account(1, "x"));
        byte[] unknown = driven.fixture.value(account(1, "x"));
        unknown[3] = 77;
        Change.Upserted user = driven.fixture.users.insert(1, "a@b");

        driven.send(ServiceFixture.ACCOUNTS, key, unknown);
        driven.send(ServiceFixture.ACCOUNTS, key, new byte[] {'g', 'a', 'r', 'b', 'a', 'g', 'e'});
        driven.send(ServiceFixture.ACCOUNTS, key, new byte[0]);
        driven.send(ServiceFixture.ACCOUNTS, key, null);
        driven.send(ServiceFixture.ACCOUNTS, driven.fixture.key(user), driven.fixture.value(user));
        driven.send(
                ServiceFixture.ACCOUNTS, LoadMarker.begin(ServiceFixture.USERS, "2.1", true, new Position(2, 7, 0)));
        driven.send(ServiceFixture.ACCOUNTS, null, driven.fixture.value(account(1, "x")));

        List<DeadLetter> letters = driven.letters();
        assertThat(letters).extracting(letter -> letter.verdict().code()).startsWith("SCHEMA_UNKNOWN");
        assertThat(letters.subList(1, letters.size()))
                .hasSize(6)
                .allSatisfy(letter -> assertThat(letter.verdict().code()).isEqualTo("RECORD_UNREADABLE"));
        assertThat(letters.get(4).verdict().problem()).contains("monolith.public.users");
        assertThat(letters.get(3).value()).isNull();
        assertThat(letters.get(6).key()).isNull();
        assertThat(owners()).isEmpty();
    }

    @Test
    void whatCannotBeMappedSaysWhereItStandsInItsSource() {
        Change.Deleted change = unmappable(1);
        driven.send(change);

        Verdict verdict = driven.letters().get(0).verdict();
        assertThat(verdict.reason()).isEqualTo(Reason.UNMAPPABLE);
        assertThat(verdict.code()).isEqualTo("RECORD_REJECTED");
        assertThat(verdict.position()).isEqualTo(change.provenance().position().toString());
    }

    @Test
    void whatBreaksARuleNamesTheRule() {
        driven.close();
        driven = new DrivenTopology(
                schemas,
                ServiceFixture.ruled(
                        schemas,
                        new RuleSpec(
                                "known_mail",
                                new Expression("email != 'secret-value'", Place.NOWHERE),
                                Place.NOWHERE)));
        driven.send(driven.fixture.users.insert(1, "secret-value"));
        driven.send(driven.fixture.users.insert(1, "ada@b"));
        driven.send(driven.fixture.users.insert(2, "grace@b"));

        List<DeadLetter> letters = driven.letters();
        assertThat(letters).extracting(letter -> letter.verdict().reason()).containsExactly(Reason.RULE, Reason.PARKED);
        Verdict verdict = letters.get(0).verdict();
        assertThat(verdict.code()).isEqualTo("RULE_BROKEN");
        assertThat(verdict.rule()).isEqualTo("known_mail");
        assertThat(verdict.problem()).doesNotContain("secret-value");
        assertThat(driven.received(ServiceFixture.USERS_COPY))
                .extracting(record -> driven.row(record).value("email"))
                .containsExactly("grace@b");
    }

    @Test
    void laterChangesOfAParkedKeyFollowItInOrderAndOtherKeysGoOn() {
        sendCut(account(1, "a"));
        driven.send(account(1, "b"));
        driven.send(account(2, "other"));
        driven.send(driven.fixture.accounts.deleteByKey(1L));
        driven.send(account(1, "c"));

        List<DeadLetter> letters = driven.letters();
        assertThat(letters)
                .extracting(letter -> letter.verdict().reason())
                .containsExactly(Reason.UNREADABLE, Reason.PARKED, Reason.PARKED, Reason.PARKED);
        assertThat(letters).extracting(DeadLetter::offset).containsExactly(0L, 1L, 3L, 4L);
        assertThat(owners()).containsExactly("other");
        assertThat(driven.meters.progress().parkedKeys()).isEqualTo(1);
    }

    @Test
    void aKeyUnderAnotherSchemaIdIsTheSameKey() {
        sendCut(account(1, "a"));
        Change.Upserted change = account(1, "b");
        byte[] key = driven.fixture.key(change);
        int other = schemas.register("elsewhere", keySchema(key));
        key[4] = (byte) other;
        driven.send(ServiceFixture.ACCOUNTS, key, driven.fixture.value(change));

        assertThat(reasons()).containsExactly(Reason.UNREADABLE, Reason.PARKED);
    }

    private Schema keySchema(byte[] key) {
        try {
            return schemas.byId(Wire.schemaId(key));
        } catch (MalformedRecordException | UnknownSchemaException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aKeyThatCannotBeReadParksNothing() {
        byte[] value = driven.fixture.value(account(1, "a"));
        driven.send(ServiceFixture.ACCOUNTS, new byte[] {0, 0, 0, 0, 99, 2}, value);
        driven.send(ServiceFixture.ACCOUNTS, new byte[] {1}, value);
        driven.send(account(1, "b"));

        assertThat(reasons()).containsExactly(Reason.UNREADABLE, Reason.UNREADABLE);
        assertThat(driven.meters.progress().parkedKeys()).isZero();
        assertThat(owners()).containsExactly("b");
    }

    @Test
    void aReplayGoesThroughInOrderAndUnparks() {
        Change.Upserted first = account(1, "a");
        driven.send(ServiceFixture.ACCOUNTS, driven.fixture.key(first), unknown(first));
        driven.send(account(1, "b"));
        driven.send(account(1, "c"));
        replay(first);
        assertThat(owners()).isEmpty();

        // The registry has its schema again.
        schemas.register("found", schema(first));
        replay(first);
        driven.send(account(1, "d"));

        List<TestRecord<byte[], byte[]>> rows = driven.received(ServiceFixture.ACCOUNTS_COPY);
        assertThat(rows).extracting(record -> driven.row(record).value("owner")).containsExactly("a", "b", "c", "d");
        String requests = driven.fixture.names.transformRequests("ledger");
        assertThat(rows.subList(0, 3))
                .extracting(record -> ServiceFixture.headers(record.headers()).origin())
                .containsExactly(
                        new Origin(requests, 0, 1, 0), new Origin(requests, 0, 1, 2), new Origin(requests, 0, 1, 4));
        assertThat(driven.meters.progress().parkedKeys()).isZero();
        replay(first);
        assertThat(owners()).isEmpty();
    }

    /** The value under a schema id that the registry will give to the next schema. */
    private byte[] unknown(Change change) {
        // Once one has gone through, all schemas that the way needs are registered.
        driven.send(account(99, "an ordinary one"));
        owners();
        byte[] value = driven.fixture.value(change);
        int id = schemas.register("probe", Schema.createEnum("probe", null, null, List.of("a")));
        value[4] = (byte) (id + 1);
        return value;
    }

    private Schema schema(Change change) {
        Schema schema = keySchema(driven.fixture.value(change));
        Schema another = new Schema.Parser().parse(schema.toString());
        another.addProp("another", "one");
        return another;
    }

    @Test
    void aReplayStopsAtTheFirstThatStillFailsAndKeepsWhatIsBehindIt() {
        Change.Upserted first = account(1, "a");
        driven.send(ServiceFixture.ACCOUNTS, driven.fixture.key(first), unknown(first));
        driven.send(account(1, "b"));
        sendCut(account(1, "cut"));
        driven.send(account(1, "c"));
        schemas.register("found", schema(first));

        replay(null);
        driven.send(account(1, "d"));

        assertThat(owners()).containsExactly("a", "b");
        assertThat(driven.meters.progress().parkedKeys()).isEqualTo(1);
        assertThat(reasons()).endsWith(Reason.UNREADABLE, Reason.PARKED, Reason.PARKED);
    }

    @Test
    void aRequestThatAsksNothingKnownIsPassedOver() {
        driven.send(driven.fixture.names.transformRequests("ledger"), null, new byte[] {1}, new RecordHeaders());
        driven.send(new ReplayRequest("no.such.topic", null));
        driven.send(new ReplayRequest(
                driven.fixture.changesOf(ServiceFixture.ACCOUNTS), Bytes.wrap(new byte[] {0, 0, 0, 0, 1, 2})));
        driven.send(account(1, "a"));

        assertThat(owners()).containsExactly("a");
        assertThat(driven.letters()).isEmpty();
    }

    @Test
    void aRowThatALoadReadTakesThePlaceOfAllThatItsKeyHasWaiting() {
        sendCut(account(1, "a"));
        driven.send(account(1, "b"));
        LoadMarker begin = begin();
        driven.send(loaded(account(1, "whole")));
        driven.send(account(1, "c"));
        LoadMarker end = end();

        List<TestRecord<byte[], byte[]>> records = driven.received(ServiceFixture.ACCOUNTS_COPY);
        assertThat(records).hasSize(4);
        assertThat(ServiceFixture.marker(records.get(0).headers()).load()).isEqualTo(begin.load());
        assertThat(driven.row(records.get(1)).value("owner")).isEqualTo("whole");
        assertThat(driven.row(records.get(2)).value("owner")).isEqualTo("c");
        assertThat(ServiceFixture.marker(records.get(3).headers()).kind()).isEqualTo(end.kind());
        assertThat(driven.meters.progress().parkedKeys()).isZero();
    }

    @Test
    void aLoadThatShowsARowWhichIsParkedEndsOnlyOnceThatIsReplayed() {
        Change.Upserted row = loaded(account(1, "a"));
        byte[] unknownRow = unknown(row);
        begin();
        driven.send(ServiceFixture.ACCOUNTS, driven.fixture.key(row), unknownRow);
        driven.send(loaded(account(2, "other")));
        end();
        assertThat(markers())
                .extracting(marker -> marker == null ? null : marker.kind())
                .containsExactly(LoadMarker.Kind.BEGIN, null);

        schemas.register("found", schema(row));
        replay(row);

        List<TestRecord<byte[], byte[]>> records = driven.received(ServiceFixture.ACCOUNTS_COPY);
        assertThat(driven.row(records.get(0)).value("owner")).isEqualTo("a");
        LoadMarker end = ServiceFixture.marker(records.get(1).headers());
        assertThat(end.kind()).isEqualTo(LoadMarker.Kind.END);
        assertThat(end.load()).isEqualTo("2.1");
        assertThat(end.position()).isEqualTo(new Position(2, 9, 0));
        // Behind the rows of the same request, so that a sink that drops repeats takes it.
        assertThat(end.passed().origin())
                .isEqualTo(new Origin(driven.fixture.names.transformRequests("ledger"), 0, 0, 2));
    }

    @Test
    void aLoadThatShowsARowWhoseKeyCannotBeReadNeverEndsAndTheNextOneDoes() {
        begin();
        driven.send(ServiceFixture.ACCOUNTS, new byte[] {0, 0, 0, 0, 99, 2}, driven.fixture.value(account(1, "a")));
        end();
        replay(null);
        assertThat(markers()).extracting(LoadMarker::kind).containsExactly(LoadMarker.Kind.BEGIN);

        begin();
        end();
        assertThat(markers()).extracting(LoadMarker::kind).containsExactly(LoadMarker.Kind.BEGIN, LoadMarker.Kind.END);
    }

    @Test
    void whatALoadDidNotMeetIsGoneAndIsNotBroughtBack() {
        sendCut(account(1, "a"));
        begin();
        replay(null);
        driven.send(loaded(account(2, "other")));
        end();
        replay(null);

        assertThat(driven.meters.progress().parkedKeys()).isZero();
        assertThat(driven.received(ServiceFixture.ACCOUNTS_COPY)).hasSize(3);
    }

    @Test
    void whatWasParkedAfterALoadDoesNotHoldItsEnd() {
        begin();
        sendCut(account(1, "in the load"));
        end();
        sendCut(account(2, "behind it"));
        assertThat(markers()).hasSize(1);
        Change.Upserted again = loaded(account(1, "whole"));
        driven.send(again);

        assertThat(driven.meters.progress().parkedKeys()).isEqualTo(1);
        List<TestRecord<byte[], byte[]>> records = driven.received(ServiceFixture.ACCOUNTS_COPY);
        assertThat(records).hasSize(2);
        assertThat(ServiceFixture.marker(records.get(1).headers()).kind()).isEqualTo(LoadMarker.Kind.END);
    }

    @Test
    void tooManyUnfitRecordsHaltBeforeTheOneTooMany() {
        instead(Consistency.EVENTUAL, new DeadLettersSpec(LIMITS.most(), LIMITS.of(), 100, 1 << 20));
        for (int i = 0; i < LIMITS.most(); i++) {
            sendCut(account(i, "a"));
        }
        assertThat(driven.letters()).hasSize(LIMITS.most());

        assertThat(driven.failure(catchThrowable(() -> sendCut(account(9, "a"))))
                        .code())
                .isEqualTo("DEAD_LETTERS_TOO_MANY");
        assertThat(driven.letters()).isEmpty();
    }

    @Test
    void followersDoNotCountAsUnfitAndTooManyOfThemHaltByThemselves() {
        instead(Consistency.EVENTUAL, LIMITS);
        sendCut(account(1, "a"));
        for (int i = 1; i < LIMITS.parked(); i++) {
            driven.send(account(1, "b"));
        }
        assertThat(driven.letters()).hasSize(LIMITS.parked());

        assertThat(driven.failure(catchThrowable(() -> driven.send(account(1, "c"))))
                        .code())
                .isEqualTo("PARKED_FULL");
        assertThat(driven.letters()).isEmpty();
    }

    @Test
    void theSizeOfWhatIsParkedIsBoundedToo() {
        instead(Consistency.EVENTUAL, new DeadLettersSpec(5, 20, 100, 500));
        sendCut(account(1, "a".repeat(300)));

        assertThat(driven.failure(catchThrowable(() -> driven.send(account(1, "b".repeat(300)))))
                        .code())
                .isEqualTo("PARKED_FULL");
    }

    @Test
    void aRowThatWasWrittenWithAnotherSchemaIsARowLikeTheOthers() {
        driven.send(account(1, "a"));
        Change.Upserted change = account(1, "b");
        byte[] value = driven.fixture.value(change);
        value[4] = (byte) schemas.register("another", schema(change));
        driven.send(ServiceFixture.ACCOUNTS, driven.fixture.key(change), value);

        assertThat(driven.meters.progress().drift()).isEmpty();
        assertThat(owners()).containsExactly("a", "b");
    }
}
