package io.sluice.app.cli;

import io.sluice.app.wiring.Letters.Letter;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import io.sluice.schemas.pipeline.TableSpec;
import io.sluice.schemas.topic.Names;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What an operator calls services, tables and letters. */
final class LetterChoice {

    /** How many letters, or held rows, of a service a command looks at. */
    static final int MOST = 100_000;

    private LetterChoice() {}

    static ServiceSpec service(CommandLine command, Pipeline pipeline, String name) {
        return pipeline.services().stream()
                .filter(service -> service.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        command,
                        "there is no service " + name + "; the services here: "
                                + String.join(
                                        ", ",
                                        pipeline.services().stream()
                                                .map(ServiceSpec::name)
                                                .toList())));
    }

    /** The tables of a service, by the topics of their changes and rows. */
    static Map<String, String> tables(Pipeline pipeline, ServiceSpec service) {
        Names names = new Names(pipeline.name());
        Map<String, String> tables = new HashMap<>();
        for (TableId table : service.reads()) {
            tables.put(names.changes(service.name(), table), table.toString());
        }
        for (TableSpec table : service.tables()) {
            tables.put(
                    names.rows(service.name(), table.target()), table.target().toString());
        }
        return tables;
    }

    static String table(Map<String, String> tables, String topic) {
        return tables.getOrDefault(topic, topic);
    }

    static String reason(Letter letter) {
        return letter.content().verdict().reason().text();
    }
}
