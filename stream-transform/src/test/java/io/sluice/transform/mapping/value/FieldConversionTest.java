package io.sluice.transform.mapping.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands in documents as values of columns: each row a target type, the value, and what becomes of it. */
class FieldConversionTest {

    private final Documents documents = new Documents();

    private Object converted(String type, Dialect dialect, String json) {
        return FieldConversion.to(SqlType.parse(type).orElseThrow(), dialect).apply(documents.parse(json));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "text|\"a\"|a",
                "text|{\"$symbol\":\"a\"}|a",
                "text|{\"$oid\":\"5f0000000000000000000001\"}|5f0000000000000000000001",
                "text|{\"$numberInt\":\"7\"}|7",
                "text|{\"$numberLong\":\"-7\"}|-7",
                "text|{\"$numberDouble\":\"0.1\"}|0.1",
                "text|{\"$numberDecimal\":\"1.50\"}|1.50",
                "text|{\"$numberDecimal\":\"1E+3\"}|1000",
                "text|{\"$numberDouble\":\"NaN\"}|NaN",
                "text|true|true",
                "text|{\"$date\":{\"$numberLong\":\"1500\"}}|1970-01-01T00:00:01.5Z",
                "varchar(2)|\"äö\"|äö",
                "integer|{\"$numberInt\":\"7\"}|7",
                "integer|{\"$numberDouble\":\"7.0\"}|7",
                "integer|{\"$numberDecimal\":\"7.00\"}|7",
                "integer|\"7\"|7",
                "smallint|{\"$numberLong\":\"-32768\"}|-32768",
                "bigint|{\"$numberLong\":\"9223372036854775807\"}|9223372036854775807",
                "numeric(18,8)|{\"$numberDouble\":\"0.1\"}|0.10000000",
                "numeric(18,8)|{\"$numberDecimal\":\"0.10\"}|0.10000000",
                "numeric|{\"$numberDecimal\":\"0.10\"}|0.10",
                "numeric|{\"$numberDecimal\":\"NaN\"}|NaN",
                "numeric|\"1e2\"|100",
                "double precision|{\"$numberInt\":\"7\"}|7.0",
                "double precision|{\"$numberDecimal\":\"0.1\"}|0.1",
                "real|{\"$numberDouble\":\"0.5\"}|0.5",
                "boolean|true|true",
                "boolean|{\"$numberInt\":\"1\"}|true",
                "boolean|\"false\"|false",
                "timestamptz|{\"$date\":{\"$numberLong\":\"1500\"}}|1500000",
                "timestamptz|{\"$date\":{\"$numberLong\":\"-1\"}}|-1000",
                "timestamptz|\"1970-01-01T00:00:01.5Z\"|1500000",
                "timestamptz|\"1970-01-01 02:00:01.000001+02\"|1000001",
                "timestamptz|\"1970-01-01T02:00:01+0200\"|1000000",
                "timestamptz|\"1970-01-01T01:30+01:30\"|0",
                "timestamp|{\"$date\":{\"$numberLong\":\"1500\"}}|1500000",
                "timestamp|\"1970-01-01T00:00:01.5\"|1500000",
                "timestamp(3)|\"1970-01-01T00:00:01.5\"|1500000",
                "date|{\"$date\":{\"$numberLong\":\"86400000\"}}|1",
                "date|\"1970-01-02\"|1",
                "time|\"00:00:01.5\"|1500000",
                "uuid|\"00000000-0000-0000-0000-00000000000A\"|00000000-0000-0000-0000-00000000000a",
                "uuid|{\"$binary\":{\"base64\":\"AAAAAAAAAAAAAAAAAAAAAQ==\",\"subType\":\"04\"}}|00000000-0000-0000-0000-000000000001",
                "bytea|{\"$binary\":{\"base64\":\"AQI=\",\"subType\":\"00\"}}|0102",
                "text[]|[\"a\",null,{\"$numberInt\":\"7\"}]|[a, null, 7]",
                "numeric(4,2)[]|[{\"$numberDouble\":\"1.5\"}]|[1.50]",
                "jsonb|\"a\"|\"a\"",
                "jsonb|{\"a\":{\"$numberLong\":\"7\"},\"b\":[{\"$numberDouble\":\"7.0\"}]}|{\"a\":7,\"b\":[7.0]}",
                "jsonb|{\"$date\":{\"$numberLong\":\"1500\"}}|{\"$date\":\"1970-01-01T00:00:01.500Z\"}",
                "jsonb|{\"$date\":{\"$numberLong\":\"-1\"}}|{\"$date\":{\"$numberLong\":\"-1\"}}",
                "jsonb|{\"$oid\":\"5f0000000000000000000001\"}|{\"$oid\":\"5f0000000000000000000001\"}",
                "jsonb|{\"$numberDecimal\":\"1.50\"}|{\"$numberDecimal\":\"1.50\"}",
                "jsonb|{\"$numberDouble\":\"NaN\"}|{\"$numberDouble\":\"NaN\"}",
                "jsonb|{\"$minKey\":1}|{\"$minKey\":1}",
                "jsonb|{\"$timestamp\":{\"t\":1,\"i\":2}}|{\"$timestamp\":{\"t\":1,\"i\":2}}",
                "jsonb|{\"$ref\":\"c\",\"$id\":{\"$numberInt\":\"1\"}}|{\"$ref\":\"c\",\"$id\":1}"
            })
    void becomes(String type, String json, String expected) {
        assertThat(converted(type, Dialect.EXTENDED, json)).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "text|{\"a\":1}|a document can't become text",
                "text|[]|an array can't become text",
                "text|{\"$minKey\":1}|a value that only MongoDB knows can't become text",
                "text|\"a\\u0000b\"|U+0000",
                "jsonb|{\"a\":\"\\u0000\"}|U+0000",
                "varchar(2)|\"abc\"|longer than 2 characters",
                "integer|{\"$numberDouble\":\"7.5\"}|no whole one",
                "integer|{\"$numberLong\":\"2147483648\"}|out of the range of integer",
                "integer|{\"$numberDecimal\":\"1E+6000\"}|out of the range of integer",
                "integer|{\"$numberDouble\":\"NaN\"}|no whole numbers",
                "integer|\" 7\"|no number",
                "integer|true|a boolean can't become integer",
                "numeric(6,2)|{\"$numberDecimal\":\"1.005\"}|more than 2 digits behind the point",
                "numeric(6,2)|{\"$numberDecimal\":\"10000\"}|out of the range of numeric(6,2)",
                "numeric(6,2)|{\"$numberDecimal\":\"Infinity\"}|infinity",
                "numeric|\"1e999999999\"|out of the range of numeric",
                "double precision|{\"$numberLong\":\"9007199254740993\"}|more digits than double",
                "real|{\"$numberDouble\":\"0.1\"}|more digits than real",
                "boolean|\"yes\"|neither true nor false",
                "boolean|{\"$numberInt\":\"2\"}|neither 0 nor 1",
                "timestamptz|\"1970-01-01T00:00:01\"|no timestamp with a zone",
                "timestamptz|{\"$numberLong\":\"1500\"}|a whole number can't become timestamp with time zone",
                "timestamptz|{\"$date\":{\"$numberLong\":\"9223372036854775807\"}}|beyond",
                "timestamptz|{\"$date\":{\"$numberLong\":\"-210866803200001\"}}|beyond",
                "timestamptz|\"1970-01-01T00:00:01.0000001Z\"|finer than a microsecond",
                "timestamptz(0)|\"1970-01-01T00:00:01.5Z\"|more than 0 digits",
                "timestamp|\"1970-01-01T00:00:01Z\"|without a zone",
                "date|{\"$date\":{\"$numberLong\":\"1\"}}|time of day",
                "date|\"1970-02-30\"|no date",
                "time|\"25:00\"|no time",
                "uuid|\"1-1-1-1-1\"|no UUID",
                "uuid|{\"$binary\":{\"base64\":\"AQI=\",\"subType\":\"04\"}}|not 16 bytes",
                "bytea|\"AQI=\"|a text can't become bytea",
                "text[]|\"a\"|a text can't become text[]",
                "text[]|[[]]|an array can't become text"
            })
    void isRejected(String type, String json, String reason) {
        assertThatThrownBy(() -> converted(type, Dialect.EXTENDED, json))
                .isInstanceOf(UnfitValueException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "numeric|10.500|10.500",
                "numeric|12345678901234567890.10|12345678901234567890.10",
                "bigint|1.0|1",
                "jsonb|{\"a\":1.10,\"b\":{\"$oid\":1}}|{\"a\":1.10,\"b\":{\"$oid\":1}}",
                "jsonb|1e2|100",
                "text|12|12"
            })
    void plainJsonKeepsItsDigitsAndHasNoTypesOfItsOwn(String type, String json, String expected) {
        assertThat(converted(type, Dialect.PLAIN, json)).hasToString(expected);
    }
}
