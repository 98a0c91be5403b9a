package io.sluice.transform.mapping.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.schemas.model.LogicalType;
import io.sluice.schemas.model.LogicalType.Numeric;
import io.sluice.schemas.model.LogicalType.Simple;
import io.sluice.schemas.model.NumericSpecial;
import io.sluice.schemas.model.Temporals;
import io.sluice.transform.mapping.value.Documents;
import io.sluice.transform.mapping.value.SqlType;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expressions over one row: what they give, what is refused when they are compiled, and what has no value. */
class ExpressionTest {

    private static final Map<String, LogicalType> TYPES = Map.ofEntries(
            Map.entry("cost", new Numeric(18, 8)),
            Map.entry("fee", Numeric.UNBOUNDED),
            Map.entry("nan", Numeric.UNBOUNDED),
            Map.entry("n", Simple.INT32),
            Map.entry("big", Simple.INT64),
            Map.entry("ratio", Simple.FLOAT64),
            Map.entry("name", Simple.TEXT),
            Map.entry("nothing", Simple.TEXT),
            Map.entry("none", new Numeric(6, 2)),
            Map.entry("demo", Simple.BOOLEAN),
            Map.entry("unsure", Simple.BOOLEAN),
            Map.entry("id", Simple.UUID),
            Map.entry("day", Simple.DATE),
            Map.entry("at", Simple.TIMESTAMPTZ),
            Map.entry("ever", Simple.TIMESTAMPTZ),
            Map.entry("tags", new LogicalType.Array(Simple.TEXT)),
            Map.entry("data", Simple.JSON),
            Map.entry("doc", Simple.DOCUMENT),
            Map.entry("type", Simple.TEXT),
            Map.entry("timestamp", Simple.INT64));
    private static final Map<String, Object> VALUES = Map.ofEntries(
            Map.entry("cost", new BigDecimal("0.10000000")),
            Map.entry("fee", new BigDecimal("12345678901234567890.12")),
            Map.entry("nan", NumericSpecial.NAN),
            Map.entry("n", 7),
            Map.entry("big", Long.MAX_VALUE),
            Map.entry("ratio", 0.5),
            Map.entry("name", "openai"),
            Map.entry("demo", true),
            Map.entry("id", new UUID(0, 1)),
            Map.entry("day", 1),
            Map.entry("at", 1_500_000L),
            Map.entry("ever", Temporals.TIMESTAMP_INFINITY),
            Map.entry("tags", List.of("a", "b")),
            Map.entry("data", "{\"price\": 1.50, \"city\": \"x\", \"items\": [{\"q\": 2}, {\"q\": 3}]}"),
            Map.entry(
                    "doc",
                    "{\"price\": {\"$numberDecimal\": \"5.0\"}, \"n\": {\"$numberLong\": \"5\"}, \"when\": {\"$date\":"
                            + " {\"$numberLong\": \"1500\"}}, \"odd\": {\"$minKey\": 1}}"),
            Map.entry("type", "buy"),
            Map.entry("timestamp", 1500L));

    private static final Scope SCOPE = new Scope() {
        @Override
        public @Nullable LogicalType typeOf(String name) {
            return TYPES.get(name);
        }

        @Override
        public List<String> names() {
            return List.of("cost", "name");
        }
    };

    private final ExpressionCompiler compiler = new ExpressionCompiler(new Documents());

    private CompiledExpression compiled(String text) {
        ExpressionCompiler.Result result = compiler.compile(text, SCOPE);
        assertThat(result).isInstanceOf(ExpressionCompiler.Result.Compiled.class);
        return ((ExpressionCompiler.Result.Compiled) result).expression();
    }

    private Object as(String type, String text) {
        return new ResultConversion(SqlType.parse(type).orElseThrow())
                .of(compiled(text).evaluate(VALUES::get));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "null",
            value = {
                "numeric|cost + 0.2|0.3",
                "numeric|0.2 + cost|0.3",
                "numeric|cost * n|0.7",
                "numeric|fee - cost|12345678901234567890.02",
                "numeric|-cost|-0.1",
                "numeric|cost / 4|0.025",
                "numeric|quotient(cost, decimal(3), 4)|0.0333",
                "numeric|round(decimal(\"2.345\"), 2)|2.35",
                "numeric(18,8)|cost|0.10000000",
                "bigint|int(cost * 10)|1",
                "double precision|double(cost)|0.1",
                "text|string(cost)|0.1",
                "boolean|cost == 0.1|true",
                "boolean|cost >= 0|true",
                "boolean|0.05 < cost && cost < 1|true",
                "boolean|fee == decimal(\"12345678901234567890.120\")|true",
                "boolean|cost in [0.1, 0.2]|true",
                "boolean|cost != null|true",
                "boolean|none == null|true",
                "boolean|n == 7.0|true",
                "boolean|n > 6.5|true",
                "boolean|big == 9223372036854775807.0|false",
                "text|demo ? \"DEMO\" : \"LIVE\"|DEMO",
                "text|nothing|null",
                "text|nothing == null ? name : nothing|openai",
                "boolean|nothing != null && nothing != \"\"|false",
                "boolean|name in [\"openai\", \"deepseek\"]|true",
                "boolean|name.startsWith(\"open\") && name.matches(\"^[a-z]+$\")|true",
                "text|name.upperAscii() + \"-\" + id|OPENAI-00000000-0000-0000-0000-000000000001",
                "text|day|1970-01-02",
                "date|day|1",
                "timestamptz|at|1500000",
                "timestamptz|fromMillis(timestamp)|1500000",
                "timestamptz|timestamp(\"2026-01-01T00:00:00Z\")|1767225600000000",
                "boolean|at < timestamp(\"2026-01-01T00:00:00Z\")|true",
                "bigint|at.getFullYear()|1970",
                "text|type|buy",
                "bigint|tags.size()|2",
                "text[]|tags.map(t, t + t)|[aa, bb]",
                "boolean|\"a\" in tags|true",
                "boolean|data.price == 1.5|true",
                "numeric|data.price * n|10.5",
                "boolean|data.items.all(i, i.q > 1)|true",
                "boolean|has(data.nope)|false",
                "boolean|doc.price == 5 && doc.n == 5 && doc.price == doc.n|true",
                "boolean|doc.price in [5]|true",
                "jsonb|{\"city\": data.city, \"price\": data.price}|{\"city\":\"x\",\"price\":1.5}",
                "jsonb|data.items|[{\"q\":2},{\"q\":3}]",
                "varchar(3)|type|buy"
            })
    void gives(String type, String text, @Nullable String expected) {
        Object value = as(type, text);
        assertThat(value == null ? null : value.toString()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "cost +|at character",
                "costs > 1|undeclared reference to 'costs'",
                "costs > 1|it may use cost, name",
                "name + 1|no matching overload",
                "cost == name|decimal and string are never equal",
                "n in [\"a\"]|int and string are never equal",
                "at - at|gives a",
                "now()|undeclared reference to 'now'"
            })
    void isRefusedWhenCompiled(String text, String message) {
        ExpressionCompiler.Result result = compiler.compile(text, SCOPE);

        assertThat(result).isInstanceOf(ExpressionCompiler.Result.Refused.class);
        assertThat(((ExpressionCompiler.Result.Refused) result).message()).contains(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "big + 1|leaves the range of 64 bits",
                "none + 1|null, or of another type",
                "none >= 0|null, or of another type",
                "n / 0|divides by zero",
                "cost / 0|divides by zero",
                "cost / 3|has no end",
                "int(cost)|no whole number",
                "nan + 1|NaN",
                "ever|infinity",
                "decimal(name)|no decimal",
                "data.nope|not there",
                "tags[5]|beyond the end",
                "timestamp(name)|another form",
                "doc.odd > 1|of another type",
                "[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c,"
                        + " [0,1,2,3,4,5,6,7,8,9].all(d, [0,1,2,3,4,5,6,7,8,9].all(e, [0,1,2].all(f, f >= 0))))))|too many"
                        + " steps"
            })
    void hasNoValueForThisRow(String text, String reason) {
        assertThatThrownBy(() -> compiled(text).evaluate(VALUES::get))
                .isInstanceOf(ExpressionException.class)
                .hasMessageContaining(reason)
                .hasMessageNotContaining("openai");
    }

    @Property(tries = 200)
    void sumsAndProductsOfDecimalsAreExact(@ForAll BigDecimal left, @ForAll BigDecimal right) {
        Map<String, Object> row = Map.of("fee", left, "cost", right);
        CompiledExpression sum = compiled("fee + cost");
        CompiledExpression product = compiled("fee * cost");

        assertThat((BigDecimal) sum.evaluate(row::get)).isEqualByComparingTo(left.add(right));
        assertThat((BigDecimal) product.evaluate(row::get)).isEqualByComparingTo(left.multiply(right));
    }
}
