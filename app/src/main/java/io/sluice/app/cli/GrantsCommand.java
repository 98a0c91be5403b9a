package io.sluice.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.app.wiring.Grants;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.pipeline.Pipeline;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice grants FILE}. */
@Command(
        name = "grants",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the SQL that gives the users of sources and targets the rights that they need at run time, and no more.",
            "They are those that the file's addresses name. Connects to nothing: an administrator runs it, each part where "
                    + "its comment says."
        })
final class GrantsCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private PipelineFile file = new PipelineFile();

    @Option(names = "--json", description = "Print the statements as JSON.")
    private boolean json;

    GrantsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Optional<Pipeline> pipeline = file.pipeline(console);
        if (pipeline.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        List<Grants> grants = Grants.of(pipeline.get());
        if (json) {
            console.out().println(json(grants));
        } else {
            grants.forEach(each -> print(console.out(), each));
        }
        console.out().flush();
        return ExitCode.DONE.number();
    }

    private static void print(PrintWriter out, Grants grants) {
        out.println("-- " + grants.place() + ", at " + grants.address() + ": " + grants.before());
        grants.statements().forEach(statement -> out.println(statement + ";"));
        out.println();
    }

    private static String json(List<Grants> grants) {
        ArrayNode root = new JsonMapper().createArrayNode();
        for (Grants each : grants) {
            ObjectNode node = root.addObject().put("place", each.place()).put("address", each.address());
            each.statements().forEach(node.putArray("statements")::add);
        }
        return root.toPrettyString();
    }
}
