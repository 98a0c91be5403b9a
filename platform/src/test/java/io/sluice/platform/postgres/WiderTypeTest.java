package io.sluice.platform.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WiderTypeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "smallint | integer | integer | true",
                "integer | bigint | bigint | true",
                "bigint | numeric | numeric | true",
                "real | double precision | double precision | true",
                "character varying(10) | character varying(20) | character varying(20) | false",
                "character varying(10) | character varying | character varying | false",
                "character varying(10) | text | text | false",
                "numeric(10,2) | numeric(12,2) | numeric(12,2) | false",
                "numeric(10,2) | numeric | numeric | false",
                "numeric(10,2) | numeric(10,4) | numeric(12,4) | true",
                "numeric(12,4) | numeric(14,2) | numeric(16,4) | false",
                "numeric(1000,2) | numeric(1000,4) | numeric | false",
            })
    void holdsWhatIsThereAndWhatComes(String column, String rows, String declared, boolean rewrites) {
        assertThat(WiderType.between(column, rows)).contains(new WiderType(declared, rewrites));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bigint | integer",
                "integer | integer",
                "integer | text",
                "text | character varying(10)",
                "character varying(20) | character varying(10)",
                "character varying(20) | numeric(30,2)",
                "numeric | numeric(10,2)",
                "numeric(12,4) | numeric(10,2)",
                "numeric(12,4) | double precision",
                "double precision | real",
                "timestamp without time zone | timestamp with time zone",
                "public.mood | text",
            })
    void isNotFoundWhereNothingIsWiderOrSomethingWouldBeLost(String column, String rows) {
        assertThat(WiderType.between(column, rows)).isEmpty();
    }

    @Test
    void whatStandsInARowsTypeNeverGetsIntoAStatement() {
        assertThat(WiderType.between("character varying(10)", "character varying(20)); DROP TABLE x; --"))
                .isEmpty();
        assertThat(WiderType.between("numeric(10,2)", "numeric(12,2)) USING (SELECT 1"))
                .isEmpty();
    }
}
