package io.sluice.app.cli;

import java.util.List;

/** The commands that are nothing without servers of our own. */
final class LocalCommands {

    private LocalCommands() {}

    static List<Object> of(Console console) {
        return List.of(new StackCommand(console), new DemoCommand(console));
    }
}
