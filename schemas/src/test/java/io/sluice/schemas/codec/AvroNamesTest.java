package io.sluice.schemas.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.schemas.model.Column;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.RowSchema;
import io.sluice.schemas.model.TableId;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.apache.avro.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AvroNamesTest {

    @Property
    void everyIdentifierComesBackFromItsName(@ForAll @NotEmpty String identifier) {
        String name = AvroNames.name(identifier);

        assertThat(name).matches("[A-Za-z_][A-Za-z0-9_]*");
        assertThat(AvroNames.identifier(name)).isEqualTo(identifier);
    }

    /** A registry keeps the text of a schema; names that mean something to Avro must not mean it there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "int",
                "string",
                "record",
                "null",
                "array",
                "bytes",
                "error",
                "fixed",
                "enum",
                "map",
                "1st",
                "a.b",
                "_x5f_",
                "😀",
                "before",
                "change_source",
                "Mixed Case"
            })
    void aSchemaOfAnyNamesIsTheSameWhenItsTextIsRead(String name) throws Exception {
        RowSchema row = new RowSchema(
                name,
                List.of(
                        new Column(name, Simple.INT32, "integer", false),
                        new Column("other", Simple.TEXT, "text", true)),
                List.of(name));
        TableId table = new TableId("shop", name, name);
        for (Schema schema : List.of(ChangeSchemas.value(table, row), ChangeSchemas.key(table, row))) {
            Schema read = new Schema.Parser().parse(schema.toString());

            assertThat(read).isEqualTo(schema);
            assertThat(read.toString()).isEqualTo(schema.toString());
        }
        assertThat(RowSchemas.rowSchema(ChangeSchemas.rowRecord(new Schema.Parser()
                        .parse(ChangeSchemas.value(table, row).toString()))))
                .isEqualTo(row);
    }
}
