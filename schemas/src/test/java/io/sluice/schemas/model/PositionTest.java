package io.sluice.schemas.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PositionTest {

    @Test
    void positionsAreOrderedByEpochThenBoundaryThenOrder() {
        List<Position> ordered = List.of(
                new Position(1, 0, 0),
                new Position(1, 0, 1),
                new Position(1, 5, 0),
                new Position(1, Long.MAX_VALUE, 3),
                new Position(1, Long.MIN_VALUE, 0),
                new Position(1, -1, 0),
                new Position(2, 0, 0));
        List<Position> shuffled = new ArrayList<>(ordered);
        Collections.shuffle(shuffled, new Random(7));
        Collections.sort(shuffled);
        assertThat(shuffled).isEqualTo(ordered);
    }

    @Test
    void anImpossiblePositionCannotBeBuilt() {
        assertThatThrownBy(() -> new Position(0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Position(1, 1, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
