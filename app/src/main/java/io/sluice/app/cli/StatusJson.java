package io.sluice.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.control.status.Lag;
import io.sluice.control.status.PipelineStatus;
import io.sluice.control.status.ServiceStatus;
import io.sluice.control.status.SourceStatus;
import io.sluice.platform.intent.Pause;
import io.sluice.platform.progress.StageReport.Cause;
import java.time.Instant;
import java.util.Optional;

/** A pipeline's status as programs read it, the dashboard among them. What is not known is left out. */
final class StatusJson {

    private static final JsonMapper JSON = new JsonMapper();
    private static final double MILLIS_PER_SECOND = 1e3;

    private StatusJson() {}

    static ObjectNode of(PipelineStatus status) {
        ObjectNode report = JSON.createObjectNode();
        report.put("pipeline", status.name())
                .put("at", status.at().toString())
                .put("begun", status.begun())
                .put("state", status.condition().word())
                .put("through", status.isThrough());
        ArrayNode sources = report.putArray("sources");
        status.sources().forEach(source -> source(sources.addObject(), source));
        ArrayNode services = report.putArray("services");
        status.services().forEach(service -> service(services.addObject(), service));
        return report;
    }

    private static void source(ObjectNode into, SourceStatus source) {
        into.put("name", source.name())
                .put("kind", source.kind())
                .put("state", source.condition().word())
                .put("epoch", source.epoch())
                .put("perSecond", source.perSecond())
                .put("keepsAll", source.keepsAll());
        source.lagMillis().ifPresent(millis -> into.put("lagSeconds", millis / MILLIS_PER_SECOND));
        source.lagBytes().ifPresent(bytes -> into.put("lagBytes", bytes));
        source.timeToLoss().ifPresent(left -> into.put("secondsToLoss", left.toSeconds()));
        source.problem().ifPresent(problem -> into.put("problem", problem));
        cause(into, source.cause());
        pause(into, source.pause());
        ArrayNode tables = into.putArray("tables");
        for (SourceStatus.Table table : source.tables()) {
            ObjectNode node = tables.addObject()
                    .put("table", table.id().toString())
                    .put("state", table.condition().word())
                    .put("rowsRead", table.rows())
                    .put("perSecond", table.perSecond());
            if (table.estimate() >= 0) {
                node.put("rowsEstimated", table.estimate());
            }
            table.percent().ifPresent(percent -> node.put("percent", percent));
            table.timeLeft().ifPresent(left -> node.put("secondsLeft", left.toSeconds()));
            cause(node, table.cause());
        }
    }

    private static void service(ObjectNode into, ServiceStatus service) {
        into.put("name", service.name())
                .put("strong", service.strong())
                .put("state", service.condition().word())
                .put("loading", service.loading())
                .put("parkedKeys", service.parkedKeys());
        service.problem().ifPresent(problem -> into.put("problem", problem));
        pause(into, service.pause());
        hop(into.putObject("transform"), service.transform());
        hop(into.putObject("sink"), service.sink());
        ArrayNode tables = into.putArray("tables");
        for (ServiceStatus.Table table : service.tables()) {
            ObjectNode node = tables.addObject()
                    .put("table", table.name().toString())
                    .put("state", table.condition().word())
                    .put("perSecond", table.perSecond())
                    .put("parkedKeys", table.parkedKeys());
            ArrayNode from = node.putArray("from");
            table.from().forEach(source -> from.add(source.toString()));
            lag(node.putObject("changes"), table.changes());
            lag(node.putObject("rows"), table.rows());
            pause(node, table.pause());
            table.verification().ifPresent(last -> node.putObject("verification")
                    .put("verdict", last.verdict())
                    .put("at", last.at().toString())
                    .put("compared", last.compared())
                    .put("different", last.different()));
        }
        ObjectNode letters = into.putObject("deadLetters")
                .put("count", service.letters().count())
                .put("exact", service.letters().exact());
        ArrayNode causes = letters.putArray("byCause");
        service.letters().byCause().forEach(cause -> causes.addObject()
                .put("stage", cause.stage())
                .put("reason", cause.reason())
                .put("code", cause.code())
                .put("rule", cause.rule())
                .put("count", cause.count()));
    }

    private static void hop(ObjectNode into, ServiceStatus.Hop hop) {
        into.put("state", hop.condition().word())
                .put("processes", hop.processes())
                .put("perSecond", hop.perSecond());
        lag(into, hop.lag());
        cause(into, hop.cause());
    }

    private static void lag(ObjectNode into, Lag lag) {
        if (lag.isKnown()) {
            into.put("lagRecords", lag.records())
                    .put("lagExact", lag.exact())
                    .put("lagSeconds", lag.millis() / MILLIS_PER_SECOND);
        }
    }

    private static void cause(ObjectNode into, Optional<Cause> cause) {
        cause.ifPresent(why -> into.putObject("cause")
                .put("code", why.code())
                .put("problem", why.problem())
                .put("place", why.place())
                .put("remedy", why.remedy())
                .put("runbook", Runbook.of(why.code())));
    }

    private static void pause(ObjectNode into, Optional<Pause> pause) {
        pause.ifPresent(asked -> into.putObject("paused")
                .put("by", asked.who())
                .put("why", asked.why())
                .put("since", Instant.ofEpochMilli(asked.sinceMillis()).toString()));
    }
}
