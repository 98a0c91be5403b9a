package io.sluice.sink.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.sink.sql.SqlErrors.Reaction;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class SqlErrorsTest {

    @Test
    void eachErrorCallsForItsOwnReaction() {
        Map<Reaction, List<String>> expected = Map.of(
                Reaction.RETRY,
                List.of(
                        "08006", "08003", "40001", "40P01", "53300", "53100", "57P01", "57014", "55P03", "25006",
                        "26000", "58030"),
                Reaction.ORDER,
                List.of("23503", "23505", "23P01"),
                Reaction.DATA,
                List.of("22001", "22003", "22021", "22P02", "23502", "23514", "21000", "54000", "P0001"),
                Reaction.SCHEMA,
                List.of("42P01", "42501", "42703", "42804", "42P10", "3F000", "28P01", "0A000", "XX000"));
        expected.forEach((reaction, states) ->
                states.forEach(state -> assertThat(SqlErrors.reaction(new SQLException("", state)))
                        .as(state)
                        .isEqualTo(reaction)));
        assertThat(SqlErrors.reaction(new SQLException("the driver lost its server")))
                .isEqualTo(Reaction.RETRY);
    }

    @Test
    void aDescriptionNamesTheConstraintAndNeverAValue() {
        String fields = "SERROR\0C23514\0Mnew row violates \"sane\" (secret)\0DFailing row contains (secret).\0"
                + "spublic\0taccounts\0nsane\0";
        String described = SqlErrors.describe(new PSQLException(new ServerErrorMessage(fields)));
        assertThat(described).isEqualTo("SQLSTATE 23514, table accounts, constraint sane");
    }
}
