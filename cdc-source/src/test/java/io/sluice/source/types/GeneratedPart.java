package io.sluice.source.types;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The part of {@code docs/types.md} between {@code <!-- begin NAME -->} and {@code <!-- end NAME -->}, which a test writes. The
 * page may have several, each with a test of its own.
 */
final class GeneratedPart {

    private static final Path PAGE =
            Path.of("../docs/types.md").toAbsolutePath().normalize();

    private final String begin;
    private final String end;

    GeneratedPart(String name) {
        this.begin = "<!-- begin " + name + " -->\n";
        this.end = "<!-- end " + name + " -->\n";
    }

    /** Fails unless the part is what was rendered; {@code -Dgolden.update=true} writes it first. */
    void requireCurrent(String rendered) throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf(begin) + begin.length();
        int to = page.indexOf(end);
        assertThat(to).as("the place of " + begin.strip()).isGreaterThanOrEqualTo(from);
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(PAGE, page.substring(0, from) + rendered + page.substring(to));
        } else {
            assertThat(page.substring(from, to)).isEqualTo(rendered);
        }
    }
}
