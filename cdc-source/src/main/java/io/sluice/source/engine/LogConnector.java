package io.sluice.source.engine;

import io.debezium.config.Configuration;
import io.debezium.connector.postgresql.PostgresConnector;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;

/** Debezium's connector with our task. Public, with a public constructor, because Debezium makes it by its name. */
public final class LogConnector extends PostgresConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return LogTask.class;
    }

    /** The session has made sure of the connection, and says better what is wrong with it. */
    @Override
    protected void validateConnection(Map<String, ConfigValue> configValues, Configuration config) {}
}
