package io.sluice.app.cli;

/** Where a code's remedy is written down. */
final class Runbook {

    private Runbook() {}

    static String of(String code) {
        return "docs/runbooks/README.md, " + code;
    }
}
