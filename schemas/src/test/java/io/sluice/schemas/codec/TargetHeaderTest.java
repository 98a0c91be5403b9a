package io.sluice.schemas.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.schemas.model.TargetTable;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TargetHeaderTest {

    @Test
    void whatWasWrittenIsRead() throws Exception {
        for (TargetTable table : new TargetTable[] {
            TargetTable.inDefaultSchema("orders"), new TargetTable("Sales.2024", "line items, größer")
        }) {
            assertThat(TargetHeader.read(TargetHeader.of(table))).isEqualTo(table);
        }
        assertThat(new String(TargetHeader.of(TargetTable.inDefaultSchema("orders")), StandardCharsets.US_ASCII))
                .isEqualTo("public.orders");
    }

    @Test
    void anythingElseIsNone() {
        for (String text : new String[] {"", "orders", "a.b.c"}) {
            assertThatThrownBy(() -> TargetHeader.read(text.getBytes(StandardCharsets.US_ASCII)))
                    .isInstanceOf(MalformedRecordException.class);
        }
    }
}
