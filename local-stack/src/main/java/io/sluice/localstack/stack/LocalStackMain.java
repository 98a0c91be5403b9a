package io.sluice.localstack.stack;

import io.sluice.localstack.LocalServerException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Runs the servers of a folder until the process is asked to end. */
public final class LocalStackMain {

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int ENVIRONMENT = 3;
    private static final Map<Part, String> NAMES = new EnumMap<>(Map.of(
            Part.KAFKA, "Kafka",
            Part.REGISTRY, "Schema registry",
            Part.POSTGRES, "PostgreSQL",
            Part.MONGODB, "MongoDB stand-in"));

    private LocalStackMain() {}

    /**
     * Starts the servers, prints their addresses and stays until Ctrl-C. If another process runs them already, says where and
     * returns at once.
     *
     * @return the exit code
     * @throws LocalServerException when they don't start; its message is for the user
     */
    public static int run(Path dataDir, Set<Part> parts, PrintStream out) throws InterruptedException {
        LocalStack stack = LocalStack.builder(dataDir).with(parts).attachOrStart();
        if (!stack.owns()) {
            out.println("Process " + stack.ownerPid() + " runs these servers already:");
            print(stack, out);
            return DONE;
        }
        Thread hook = new Thread(stack::close, "local-stack-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        print(stack, out);
        out.println("Ctrl-C stops them.");
        Part ended = stack.onServerEnd().join();
        out.println(NAMES.get(ended) + " has ended by itself; see its log in "
                + stack.folder().resolve(ended.folder()));
        return FAILED;
    }

    private static void print(LocalStack stack, PrintStream out) {
        stack.addresses().keySet().stream()
                .sorted()
                .forEach(part -> out.printf("  %-16s %s%n", NAMES.get(part), printable(stack, part)));
        out.println("For a shell, passwords included:  . " + stack.environmentFile());
        if (stack.uncleanStopOnAnotherBoot()) {
            out.println(
                    "WARNING: the machine went down while these servers ran. Records may be missing that a replication slot"
                            + " or a target knows of; pipelines on this folder need a new source epoch.");
        }
        out.flush();
    }

    /** A console ends up in scrollback and in logs. */
    private static String printable(LocalStack stack, Part part) {
        String address = stack.addresses().getOrDefault(part, "");
        return address.replaceFirst("//([^:@/]*):[^@/]*@", "//$1:***@");
    }

    /** Arguments: the data folder and, if not all are wanted, names of servers. */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length == 0) {
            System.err.println("Give the data folder");
            System.exit(2);
        }
        Set<Part> parts = EnumSet.noneOf(Part.class);
        for (int i = 1; i < arguments.length; i++) {
            parts.add(Part.valueOf(arguments[i]));
        }
        int code;
        try {
            var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            code = run(Path.of(arguments[0]), parts.isEmpty() ? EnumSet.allOf(Part.class) : parts, out);
        } catch (LocalServerException e) {
            System.err.println(e.getMessage());
            code = ENVIRONMENT;
        }
        System.exit(code);
    }
}
