package io.sluice.schemas.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.schemas.model.TableId;
import io.sluice.schemas.model.TargetTable;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class NamesTest {

    private final Names names = new Names("ai-trader");

    private String changes(String schema, String table) {
        return names.changes("engine", new TableId("monolith", schema, table));
    }

    @Test
    void ordinaryNamesStayReadable() {
        assertThat(changes("public", "ai_trade_outcomes"))
                .isEqualTo("ai-trader.engine.changes.monolith.public.ai_trade_outcomes");
        assertThat(names.rows("engine", TargetTable.inDefaultSchema("agent_status")))
                .isEqualTo("ai-trader.engine.rows.agent_status");
        assertThat(names.deadLetters("engine")).isEqualTo("ai-trader.engine.dead-letters");
        assertThat(names.sourceState("monolith")).isEqualTo("ai-trader.sluice.source.monolith");
    }

    /** Kafka refuses a topic whose name differs from another one's only in dots and underscores. */
    @Test
    void namesThatKafkaWouldTakeForOneStayApart() {
        List<String> all = new ArrayList<>();
        all.add(changes("x_y", "z"));
        all.add(changes("x", "y_z"));
        all.add(changes("x.y", "z"));
        all.add(changes("x", "y.z"));
        all.add(names.rows("engine", new TargetTable("a", "b_c")));
        all.add(names.rows("engine", new TargetTable("a_b", "c")));
        all.add(names.rows("engine", TargetTable.inDefaultSchema("a_b_c")));
        all.add(names.rows("engine", TargetTable.inDefaultSchema("a.b_c")));
        all.add(names.rows("engine", TargetTable.inDefaultSchema("a--b_c")));
        all.add(names.changesInOrder("engine"));
        all.add(names.rowsInOrder("engine"));
        assertThat(all.stream().map(name -> name.replace('.', '_'))).doesNotHaveDuplicates();
    }

    @Test
    void overLongNamesAreCutAndStayApart() {
        String long1 = changes("public", "t".repeat(300) + "1");
        String long2 = changes("public", "t".repeat(300) + "2");
        assertThat(long1).hasSize(Names.MAX_LENGTH).isNotEqualTo(long2).startsWith("ai-trader.engine.changes.");
        assertThat(changes("public", "表".repeat(63))).hasSizeLessThanOrEqualTo(Names.MAX_LENGTH);
    }

    @Test
    void reservedAndMisspeltNamesAreRefused() {
        assertThatThrownBy(() -> names.deadLetters("sluice")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> names.deadLetters("a_b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Names("9lives")).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void everyTextIsSpeltInLegalCharactersAndBack(@ForAll @NotEmpty String text) {
        String wellFormed = text.replaceAll("[\\ud800-\\udfff]", "?");
        assertThat(NamePart.last(wellFormed)).matches("[a-zA-Z0-9_-]+");
        assertThat(NamePart.inner(wellFormed)).matches("[a-zA-Z0-9-]+");
        assertThat(NamePart.unescape(NamePart.last(wellFormed))).isEqualTo(wellFormed);
        assertThat(NamePart.unescape(NamePart.inner(wellFormed))).isEqualTo(wellFormed);
    }
}
