package io.sluice.app.cli;

import io.sluice.app.wiring.Letters;
import io.sluice.app.wiring.Letters.Letter;
import io.sluice.app.wiring.Servers;
import io.sluice.platform.deadletter.DeadLetter;
import io.sluice.platform.error.ExitCode;
import io.sluice.schemas.model.Bytes;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.pipeline.ServiceSpec;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice dead-letters show FILE}. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description =
                "Prints what is known of a letter, or of the latest ten; of the row's values nothing, unless asked.")
final class ShowLetterCommand implements Callable<Integer> {

    private static final int LATEST = 10;

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RunningPipeline file = new RunningPipeline();

    @Option(names = "--service", paramLabel = "SERVICE", required = true, description = "Whose letters.")
    private String service = "";

    @Option(names = "--letter", paramLabel = "N", description = "The letter's number.")
    private @Nullable Long number;

    @Option(names = "--values", description = "Print key and value too, as they were sent, in Base64.")
    private boolean values;

    ShowLetterCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Optional<Pipeline> pipeline = file.pipeline(console);
        if (pipeline.isEmpty()) {
            return ExitCode.BAD_INPUT.number();
        }
        ServiceSpec of = LetterChoice.service(spec.commandLine(), pipeline.get(), service);
        Map<String, String> tables = LetterChoice.tables(pipeline.get(), of);
        try (Servers servers = Servers.open(pipeline.get(), file.stateFolder())) {
            List<Letter> all = new Letters(pipeline.get(), of, servers.kafka()).latest(LetterChoice.MOST);
            Long wanted = number;
            List<Letter> chosen = wanted == null
                    ? all.subList(Math.max(0, all.size() - LATEST), all.size())
                    : all.stream().filter(letter -> letter.number() == wanted).toList();
            if (wanted != null && chosen.isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(), "service " + service + " has no letter " + wanted + " among its latest");
            }
            chosen.forEach(letter -> print(letter, tables));
        }
        console.out().flush();
        return ExitCode.DONE.number();
    }

    private void print(Letter letter, Map<String, String> tables) {
        DeadLetter content = letter.content();
        PrintWriter out = console.out();
        out.println("letter " + letter.number() + ", " + Instant.ofEpochMilli(letter.writtenAtMillis()));
        out.println("  stage     " + content.verdict().stage());
        out.println("  table     " + LetterChoice.table(tables, content.topic()));
        out.println("  reason    " + LetterChoice.reason(letter) + " "
                + content.verdict().code());
        out.println("  problem   " + content.verdict().problem());
        if (content.verdict().rule() != null) {
            out.println("  rule      " + content.verdict().rule());
        }
        if (content.verdict().position() != null) {
            out.println("  position  " + content.verdict().position());
        }
        out.println(
                "  record    " + content.topic() + " partition " + content.partition() + " offset " + content.offset()
                        + ", key of " + length(content.key()) + " bytes, value of " + length(content.value()));
        if (values) {
            out.println("  key       " + base64(content.key()));
            out.println("  value     " + base64(content.value()));
        }
    }

    private static int length(@Nullable Bytes bytes) {
        return bytes == null ? 0 : bytes.length();
    }

    private static String base64(@Nullable Bytes bytes) {
        return bytes == null ? "none" : Base64.getEncoder().encodeToString(bytes.unsafeArray());
    }
}
