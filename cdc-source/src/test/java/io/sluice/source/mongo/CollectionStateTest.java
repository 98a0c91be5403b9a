package io.sluice.source.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.TableId;
import java.util.List;
import org.junit.jupiter.api.Test;

class CollectionStateTest {

    private static final TableId USERS = new TableId("shop", "app", "users");
    private static final CollectionState.Halted DROPPED =
            new CollectionState.Halted("DROPPED", "it is gone", "wait", 7);

    private static CollectionState.Load load(String... services) {
        return new CollectionState.Load("l", true, List.of(services), "1", 5);
    }

    private static CollectionState readBy(String... services) {
        return CollectionState.unread(USERS, "u").withLoading(load(services)).loaded();
    }

    @Test
    void whoHasEveryDocumentKeepsThemWhileTheyAreReadAgain() {
        CollectionState again = readBy("one").again("new", load("one", "two"), "r");

        assertThat(again.services()).containsExactly("one");
        assertThat(again.uuid()).isEqualTo("new");
        assertThat(again.request()).isEqualTo("r");
        assertThat(again.loaded().services()).containsExactly("one", "two");
        assertThat(again.withoutLoading().services()).containsExactly("one");
    }

    @Test
    void afterAHaltNobodyHasEveryDocumentBeforeTheyAreReadAgain() {
        CollectionState halted = readBy("one").halted(DROPPED);
        CollectionState again = halted.again("new", load("one"), "r");

        assertThat(halted.services()).isEmpty();
        assertThat(halted.former()).containsExactly("one");
        assertThat(again.isHalted()).isFalse();
        assertThat(again.services()).isEmpty();
        assertThat(again.loaded().former()).isEmpty();
        assertThat(again.halted(DROPPED).former()).containsExactly("one");
    }

    @Test
    void aLoadGoesOnForThoseWhoAreLeftWhereItWas() {
        CollectionState both = readBy("one", "two").again("u", load("one", "two"), "r");

        CollectionState left = both.readBy(List.of("two"));
        assertThat(left.loading()).isEqualTo(load("two"));
        assertThat(left.services()).containsExactly("two");
        assertThat(left.former()).containsExactly("one");
        assertThat(both.readBy(List.of()).loading()).isNull();
    }

    @Test
    void aNewEpochRemembersWhoHasWhatMayBeGoneAndWhatWasAsked() {
        CollectionState next = readBy("one").again("u", load("one", "two"), "r").inNewEpoch("v");

        assertThat(next.services()).isEmpty();
        assertThat(next.former()).containsExactlyInAnyOrder("one", "two");
        assertThat(next.horizon()).isZero();
        assertThat(next.request()).isEqualTo("r");
    }
}
