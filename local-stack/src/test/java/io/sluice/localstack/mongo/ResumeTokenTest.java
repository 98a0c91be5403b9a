package io.sluice.localstack.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeTokenTest {

    private static final long TIME = 0x66AB_CDEF_0000_0007L;

    static Stream<ResumeToken> tokens() {
        return Stream.of(
                ResumeToken.highWater(TIME),
                ResumeToken.event(TIME),
                ResumeToken.fragment(TIME, 300),
                ResumeToken.invalidate(TIME));
    }

    @ParameterizedTest
    @MethodSource("tokens")
    void isReadBackAsItWasWritten(ResumeToken token) {
        assertThat(ResumeToken.parse(token.toDocument())).isEqualTo(token);
    }

    @Test
    void carriesTheClusterTimeWhereClientsLookForIt() {
        assertThat((String) ResumeToken.event(TIME).toDocument().get("_data")).startsWith("8266ABCDEF00000007");
    }

    @Test
    void ordersAsTextInTheOrderOfWhatItNames() {
        List<String> inOrder = Stream.of(
                        ResumeToken.highWater(TIME),
                        ResumeToken.event(TIME),
                        ResumeToken.fragment(TIME, 1),
                        ResumeToken.fragment(TIME, 2),
                        ResumeToken.invalidate(TIME),
                        ResumeToken.highWater(TIME + 1))
                .map(token -> (String) token.toDocument().get("_data"))
                .toList();

        assertThat(inOrder).isSorted();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "82",
                "rubbish",
                "8266ABCDEF00000007",
                "8266ABCDEF0000000799",
                "8266ABCDEF0000000702",
                "8266ABCDEF00000007010001",
                "8266abcdef0000000701"
            })
    void refusesWhatItDidNotWrite(String data) {
        assertThatThrownBy(() -> ResumeToken.parse(new Document("_data", data)))
                .isInstanceOfSatisfying(
                        MongoServerError.class, e -> assertThat(e.getCode()).isEqualTo(260));
    }
}
