package io.sluice.platform.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterpolationTest {

    @TempDir
    Path folder;

    private Interpolation interpolation;

    @BeforeEach
    void setUp() {
        interpolation = new Interpolation(Variables.of(Map.of("USER", "app", "NESTED", "${env:USER}"), folder));
    }

    @Test
    void variablesAndFilesAreFilledIn() throws Exception {
        Files.writeString(folder.resolve("password"), "s3cret\n");

        assertThat(interpolation.fill("${env:USER}:${file:password}@db").text()).isEqualTo("app:s3cret@db");
        assertThat(interpolation.fill("${env:USER}@db").literal()).isEqualTo(Word.FILLED_IN + "@db");
    }

    @Test
    void onlyOneLineEndIsTakenOffAFile() throws Exception {
        Files.writeString(folder.resolve("password"), " s3cret \n\r\n");

        assertThat(interpolation.fill("${file:password}").text()).isEqualTo(" s3cret \n");
    }

    @Test
    void whatIsFilledInIsNotLookedAtAgain() throws Exception {
        assertThat(interpolation.fill("${env:NESTED}").text()).isEqualTo("${env:USER}");
    }

    @Test
    void aDoubledDollarSignIsAPlainOne() throws Exception {
        assertThat(interpolation.fill("$${env:USER} $ $$ {}").text()).isEqualTo("${env:USER} $ $$ {}");
    }

    @Test
    void whatCanNotBeFilledInSaysWhy() throws Exception {
        Files.write(folder.resolve("binary"), new byte[] {(byte) 0xFF});
        Files.write(folder.resolve("large"), new byte[65 * 1024]);

        assertThat(problem("${env:USR}")).isEqualTo("the environment variable USR is not set");
        assertThat(problem("${env:}")).isEqualTo("\"\" is no name of an environment variable");
        assertThat(problem("${file:none}")).isEqualTo("there is no file \"none\"");
        assertThat(problem("${file:.}")).isEqualTo("the file \".\" can't be read");
        assertThat(problem("${file:binary}")).isEqualTo("the file \"binary\" is not UTF-8");
        assertThat(problem("${file:large}")).isEqualTo("the file \"large\" is larger than 64 KiB");
        assertThat(problem("${vault:x}")).isEqualTo("${vault:x} is no reference");
        assertThat(problem("a ${env:USER")).isEqualTo("a ${ is never closed");
    }

    private String problem(String template) {
        String[] problem = new String[1];
        assertThatExceptionOfType(Unreadable.class)
                .isThrownBy(() -> interpolation.fill(template))
                .satisfies(e -> problem[0] = e.what());
        return problem[0];
    }
}
