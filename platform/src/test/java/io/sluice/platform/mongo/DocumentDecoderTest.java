package io.sluice.platform.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.schemas.model.Row;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDbPointer;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonJavaScript;
import org.bson.BsonJavaScriptWithScope;
import org.bson.BsonMaxKey;
import org.bson.BsonMinKey;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
import org.bson.BsonRegularExpression;
import org.bson.BsonString;
import org.bson.BsonSymbol;
import org.bson.BsonTimestamp;
import org.bson.BsonUndefined;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentDecoderTest {

    private static RawBsonDocument raw(BsonDocument document) {
        return new RawBsonDocument(document, new BsonDocumentCodec());
    }

    private static String id(String extendedJson) {
        return DocumentDecoder.canonicalId(ExtendedJson.parse(extendedJson));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"$numberInt\": \"1\"} | {\"$numberLong\": \"1\"}",
                "{\"$numberInt\": \"1\"} | {\"$numberDouble\": \"1.0\"}",
                "{\"$numberInt\": \"1\"} | {\"$numberDecimal\": \"1\"}",
                "{\"$numberInt\": \"1\"} | {\"$numberDecimal\": \"1.000\"}",
                "{\"$numberInt\": \"100\"} | {\"$numberDecimal\": \"1E+2\"}",
                "{\"$numberInt\": \"0\"} | {\"$numberDouble\": \"-0.0\"}",
                "{\"$numberInt\": \"0\"} | {\"$numberDecimal\": \"-0E+3\"}",
                "{\"$numberDouble\": \"1.5\"} | {\"$numberDecimal\": \"1.50\"}",
                "{\"$numberLong\": \"9223372036854775807\"} | {\"$numberDecimal\": \"9223372036854775807\"}",
                "{\"$numberDouble\": \"9.223372036854775807E18\"} | {\"$numberDecimal\": \"9223372036854775808\"}",
                "{\"$numberLong\": \"-9223372036854775808\"} | {\"$numberDouble\": \"-9.223372036854775808E18\"}",
                "{\"$numberDouble\": \"NaN\"} | {\"$numberDecimal\": \"NaN\"}",
                "{\"$numberDouble\": \"Infinity\"} | {\"$numberDecimal\": \"Infinity\"}",
                "{\"$numberDouble\": \"-Infinity\"} | {\"$numberDecimal\": \"-Infinity\"}",
                "\"a\" | {\"$symbol\": \"a\"}",
                "{\"a\": {\"$numberInt\": \"1\"}} | {\"a\": {\"$numberLong\": \"1\"}}",
            })
    void idsThatMongoHoldsToBeEqualAreOneKey(String one, String other) {
        assertThat(id(one)).isEqualTo(id(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"$numberInt\": \"1\"} | \"1\"",
                "{\"$numberDouble\": \"0.1\"} | {\"$numberDecimal\": \"0.1\"}",
                "{\"$numberLong\": \"9007199254740993\"} | {\"$numberDouble\": \"9007199254740992\"}",
                "{\"$numberDecimal\": \"1E-6176\"} | {\"$numberInt\": \"0\"}",
                "{\"a\": {\"$numberInt\": \"1\"}, \"b\": null} | {\"b\": null, \"a\": {\"$numberInt\": \"1\"}}",
                "{\"$oid\": \"5f1d7f3e9d1e8a0001a1b2c3\"} | \"5f1d7f3e9d1e8a0001a1b2c3\"",
                "null | \"null\"",
            })
    void idsThatMongoTellsApartAreTwoKeys(String one, String other) {
        assertThat(id(one)).isNotEqualTo(id(other));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"9.999999999999999999999999999999999E+6144", "1E-6176", "-123456789012345678901234567890.1234"})
    void aDecimalThatNothingElseEqualsStaysOne(String decimal) {
        String id = DocumentDecoder.canonicalId(new BsonDecimal128(Decimal128.parse(decimal)));

        assertThat(ExtendedJson.parse(id).asDecimal128().getValue().bigDecimalValue())
                .isEqualByComparingTo(Decimal128.parse(decimal).bigDecimalValue());
    }

    @Test
    void aRowHoldsTheIdAndTheWholeDocument() {
        RawBsonDocument document =
                raw(BsonDocument.parse("{\"_id\": 7, \"a\": null, \"b\": {\"c\": [1, {\"$numberLong\": \"2\"}]}}"));
        DocumentDecoder decoder = new DocumentDecoder("users");
        String id = DocumentDecoder.canonicalId(DocumentDecoder.id(document));

        Row row = decoder.row(id, document);

        assertThat(row.value("_id")).isEqualTo("{\"$numberInt\": \"7\"}");
        assertThat(row.value("document"))
                .isEqualTo("{\"_id\": {\"$numberInt\": \"7\"}, \"a\": null, \"b\": {\"c\": [{\"$numberInt\": \"1\"},"
                        + " {\"$numberLong\": \"2\"}]}}");
        assertThat(row.key(decoder.schema().keySchema())).isEqualTo(decoder.key(id));
    }

    @Property(tries = 500)
    void everyDocumentComesBackFromItsTextWithEveryType(@ForAll("documents") BsonDocument document) {
        String text = ExtendedJson.of(raw(document));

        assertThat(BsonDocument.parse(text)).isEqualTo(document);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$oid", "$date", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$binary", "$symbol",
                "$code", "$timestamp", "$regularExpression", "$minKey", "$maxKey", "$undefined", "$dbPointer", "$uuid"
            })
    void aFieldThatOnlyLooksLikeATypeIsRefusedOrKept(String name) {
        for (BsonValue value : List.of(
                new BsonString("5f1d7f3e9d1e8a0001a1b2c3"),
                new BsonInt32(1),
                new BsonString("1"),
                BsonBoolean.TRUE,
                new BsonString("00000000-0000-0000-0000-000000000001"),
                new BsonDocument("t", new BsonInt32(1)).append("i", new BsonInt32(1)),
                new BsonDocument("base64", new BsonString("AA==")).append("subType", new BsonString("00")))) {
            BsonDocument document = new BsonDocument("a", new BsonDocument(name, value));
            String text;
            try {
                text = ExtendedJson.of(raw(document));
            } catch (UnrepresentableDocumentException e) {
                assertThat(e).hasMessageNotContaining("5f1d");
                continue;
            }
            assertThat(BsonDocument.parse(text)).isEqualTo(document);
        }
    }

    @Test
    void aReferenceIsNoType() {
        BsonDocument document = new BsonDocument(
                "owner",
                new BsonDocument("$ref", new BsonString("users"))
                        .append("$id", new BsonObjectId(new ObjectId()))
                        .append("$db", new BsonString("app")));

        assertThat(BsonDocument.parse(ExtendedJson.of(raw(document)))).isEqualTo(document);
    }

    @Test
    void textThatIsNoUtf8IsRefusedAndTheReplacementCharacterItselfIsNot() {
        BsonDocument document = new BsonDocument("a", new BsonString("x\ufffdy"));
        assertThat(BsonDocument.parse(ExtendedJson.of(raw(document)))).isEqualTo(document);

        byte[] bytes = new byte[raw(document).getByteBuffer().remaining()];
        raw(document).getByteBuffer().get(bytes);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("x") + 1;
        bytes[at] = (byte) 0xff;
        bytes[at + 1] = (byte) 0xfe;
        assertThatThrownBy(() -> ExtendedJson.of(new RawBsonDocument(bytes)))
                .isInstanceOf(UnrepresentableDocumentException.class)
                .hasMessageContaining("UTF-8");
    }

    @Provide
    Arbitrary<BsonDocument> documents() {
        return documents(3);
    }

    private static Arbitrary<BsonDocument> documents(int depth) {
        Arbitrary<BsonValue> scalars = Arbitraries.oneOf(List.of(
                Arbitraries.integers().map(BsonInt32::new),
                Arbitraries.longs().map(BsonInt64::new),
                Arbitraries.doubles().map(BsonDouble::new),
                Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, -0.0, Double.MIN_VALUE)
                        .map(BsonDouble::new),
                Arbitraries.of(
                                "NaN",
                                "-Infinity",
                                "-0E+3",
                                "1.10",
                                "9.999999999999999999999999999999999E+6144",
                                "1E-6176")
                        .map(text -> new BsonDecimal128(Decimal128.parse(text))),
                Arbitraries.strings().map(DocumentDecoderTest::wellFormed).map(BsonString::new),
                Arbitraries.strings().alpha().map(BsonSymbol::new),
                Arbitraries.longs().map(BsonDateTime::new),
                Arbitraries.longs().map(BsonTimestamp::new),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(20).map(BsonBinary::new),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(20).map(bytes -> new BsonBinary((byte) 0x80, bytes)),
                Arbitraries.create(() -> new BsonBinary(UUID.fromString("01234567-89ab-cdef-0123-456789abcdef"))),
                Arbitraries.bytes().array(byte[].class).ofSize(16).map(bytes -> new BsonBinary((byte) 3, bytes)),
                Arbitraries.create(() -> new BsonObjectId(new ObjectId("5f1d7f3e9d1e8a0001a1b2c3"))),
                Arbitraries.strings().alpha().map(text -> new BsonRegularExpression("^/\\" + text, "im")),
                Arbitraries.strings().alpha().map(BsonJavaScript::new),
                Arbitraries.strings()
                        .alpha()
                        .map(text -> new BsonJavaScriptWithScope(text, new BsonDocument("x", new BsonInt32(1)))),
                Arbitraries.create(() -> new BsonDbPointer("app.users", new ObjectId("5f1d7f3e9d1e8a0001a1b2c3"))),
                Arbitraries.of(
                        BsonBoolean.TRUE, BsonNull.VALUE, new BsonUndefined(), new BsonMinKey(), new BsonMaxKey())));
        Arbitrary<BsonValue> arrays = scalars.list().ofMaxSize(4).map(BsonArray::new);
        Arbitrary<BsonValue> values = depth == 0
                ? Arbitraries.oneOf(scalars, arrays)
                : Arbitraries.oneOf(scalars, arrays, documents(depth - 1).map(document -> document));
        return Combinators.combine(
                        Arbitraries.strings().alpha().ofMinLength(1).list().ofMaxSize(5),
                        values.list().ofSize(5))
                .as((names, fields) -> {
                    BsonDocument document = new BsonDocument();
                    for (int i = 0; i < names.size(); i++) {
                        document.append(names.get(i), fields.get(i));
                    }
                    return document;
                });
    }

    private static String wellFormed(String text) {
        List<Integer> points = new ArrayList<>();
        text.codePoints().filter(point -> point < 0xd800 || point > 0xdfff).forEach(points::add);
        StringBuilder clean = new StringBuilder();
        points.forEach(clean::appendCodePoint);
        return clean.toString();
    }
}
