package io.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The command reference is what the commands say of themselves. {@code -Dgolden.update=true} writes it anew. */
class CommandReferenceTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path REFERENCE = ROOT.resolve("docs/reference/commands.md");

    private final CommandLine sluice = new Cli(
                    new Console(new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter()), false))
            .commandLine();

    @Test
    void theReferenceIsCurrent() throws IOException {
        String rendered = render();
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(REFERENCE, rendered);
        }
        assertThat(Files.readString(REFERENCE)).isEqualTo(rendered);
    }

    private String render() {
        StringBuilder text = new StringBuilder(
                "# Commands\n\nExit codes: 0 done; 1 failed; 2 the input is wrong; 3 the environment"
                        + " lacks something; 130 or 143 after Ctrl-C or SIGTERM. Results go to standard output,\neverything about how it went to standard error.\n");
        sluice.getSubcommands().forEach((name, command) -> render(name, command, text));
        return text.append(
                        """

                        ## Environment

                        | variable | meaning |
                        | --- | --- |
                        | `SLUICE_JAVA_OPTS` | more options for the Java virtual machine, `-Xmx4g` say |
                        | `SLUICE_LOG_LEVEL` | how much Sluice logs: `WARN`, `INFO` (the default) or `DEBUG` |
                        | `SLUICE_LIBRARY_LOG_LEVEL` | the same for the libraries; `WARN` by default |
                        """)
                .toString();
    }

    private static void render(String name, CommandLine command, StringBuilder text) {
        text.append("\n## sluice ")
                .append(name)
                .append("\n\n```\n")
                .append(command.getUsageMessage(Ansi.OFF).replaceAll("[ \t]+\n", "\n"))
                .append("```\n");
        command.getSubcommands().forEach((below, each) -> render(name + " " + below, each, text));
    }

    /** A README that names a command or an option which does not exist is worse than none. */
    @Test
    void theReadmeNamesOnlyWhatExists() throws IOException {
        Matcher used = Pattern.compile("\\./sluice ([a-z-]+)((?: [A-Z]+| --[a-z-]+| [a-z]+)*)")
                .matcher(Files.readString(ROOT.resolve("README.md")));
        int count = 0;
        while (used.find()) {
            CommandLine command = sluice.getSubcommands().get(used.group(1));
            assertThat(command).as(used.group(1)).isNotNull();
            for (String word : used.group(2).split(" ", -1)) {
                if (word.startsWith("--")) {
                    assertThat(command.getCommandSpec().findOption(word))
                            .as(word)
                            .isNotNull();
                }
            }
            count++;
        }
        assertThat(count).isGreaterThan(5);
    }
}
