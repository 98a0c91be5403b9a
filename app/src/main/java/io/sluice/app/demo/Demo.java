package io.sluice.app.demo;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.app.wiring.PipelineRun;
import io.sluice.app.wiring.Role;
import io.sluice.app.wiring.Servers;
import io.sluice.localstack.stack.LocalStack;
import io.sluice.localstack.stack.Part;
import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.ExitCode;
import io.sluice.platform.error.SluiceException;
import io.sluice.platform.lifecycle.Stage;
import io.sluice.platform.lifecycle.StageState;
import io.sluice.platform.pipeline.ExpressionChecker;
import io.sluice.platform.pipeline.PipelineReader;
import io.sluice.platform.pipeline.PipelineReport;
import io.sluice.platform.pipeline.PipelineResult;
import io.sluice.platform.preflight.Finding;
import io.sluice.schemas.pipeline.Pipeline;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Starts servers, splits a monolith into services while it keeps changing, and shows it. */
public final class Demo {

    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(5);
    private static final int TRANSACTIONS_PER_SECOND = 150;

    private final Options options;
    private final PrintWriter out;
    private final LiveView view;

    public Demo(Options options, PrintWriter out, boolean terminal) {
        this.options = options;
        this.out = out;
        this.view = new LiveView(terminal);
    }

    /**
     * What the user chose.
     *
     * @param exit whether to compare and end after the changes were made
     * @param rows in the monolith at first
     * @param changes to make before the load ends; without exit it never does
     */
    public record Options(boolean exit, long rows, long changes) {}

    /** Tells when to end, however it came to be asked for. */
    public interface Stop {

        /** Whether it is time, before that long has passed. */
        boolean await(Duration limit) throws InterruptedException;

        /** Whether it is time already. */
        boolean isAsked();
    }

    /** Runs until it is done or told to stop. */
    public ExitCode run(Stop stop) throws InterruptedException {
        out.println("Starting Kafka, a schema registry and PostgreSQL …");
        try (LocalStack stack = LocalStack.startTemporary(Part.KAFKA, Part.REGISTRY, Part.POSTGRES)) {
            DemoDatabases databases = new DemoDatabases(stack.postgresUrl());
            out.printf(Locale.ROOT, "Filling a monolith of %d tables with %,d rows …%n", 9, options.rows());
            databases.create(options.rows());
            DemoFiles files = new DemoFiles(stack.folder(), stack.kafkaBootstrap(), stack.registryUrl());
            databases.names().forEach(name -> files.addUrl(name, databases.url(name)));
            files.write();
            return replicate(read(files), files, databases, stop);
        } catch (SQLException | IOException e) {
            throw new EnvironmentException(
                    "DEMO_SERVERS", "the demo's own servers failed: " + e.getMessage(), null, "Try again.", e);
        }
    }

    private static Pipeline read(DemoFiles files) {
        PipelineResult result = new PipelineReader(Map.of(), ExpressionChecker.trusting()).read(files.pipeline());
        return result.pipeline()
                .orElseThrow(
                        () -> new IllegalStateException("the demo's file is wrong: " + PipelineReport.render(result)));
    }

    private ExitCode replicate(Pipeline pipeline, DemoFiles files, DemoDatabases databases, Stop stop)
            throws InterruptedException, SQLException {
        try (Servers servers = Servers.open(pipeline, files.folder());
                PipelineRun run = new PipelineRun(
                        pipeline,
                        servers,
                        EnumSet.allOf(Role.class),
                        new SimpleMeterRegistry(),
                        files.folder().resolve("state"));
                Connection changing = databases.open(DemoDatabases.MONOLITH)) {
            List<Finding> findings = run.prepare();
            if (PipelineRun.isFatal(findings)) {
                throw new IllegalStateException("the demo's pipeline is wrong: " + findings);
            }
            invite(files, databases);
            run.start();
            long changes = options.exit() ? options.changes() : Long.MAX_VALUE;
            int pace = options.exit() ? 0 : TRANSACTIONS_PER_SECOND;
            try (LoadThread load = new LoadThread(new Load(changing, 1), changes, pace)) {
                load.start();
                Optional<ExitCode> ended = show(run, pipeline, load, stop);
                if (ended.isPresent()) {
                    return ended.get();
                }
            }
            return verify(run, databases, stop);
        }
    }

    private void invite(DemoFiles files, DemoDatabases databases) {
        out.println();
        out.println("Splitting it into one database per service. The pipeline file is " + files.pipeline());
        if (!options.exit()) {
            out.println("Look inside, and change the monolith yourself; every change follows at once:");
            out.println("  . " + files.environment());
            for (String database : databases.names()) {
                out.println("  psql \"$" + DemoFiles.variableOf(database) + "\"");
            }
            out.println("Ctrl-C ends the demo and leaves nothing behind.");
        }
        out.println();
        out.flush();
    }

    /** Shows progress until the load is done; says how it ended if it did so before. */
    private Optional<ExitCode> show(PipelineRun run, Pipeline pipeline, LoadThread load, Stop stop)
            throws InterruptedException, SQLException {
        ProgressReader progress = new ProgressReader(pipeline, run);
        Duration glance = view.pause();
        do {
            out.print(view.render(progress.read(), load.changes()));
            out.flush();
            Optional<String> halted = halted(run.stages());
            if (halted.isPresent()) {
                out.println(halted.get());
                return Optional.of(ExitCode.FAILED);
            }
            SQLException failure = load.failure();
            if (failure != null) {
                throw failure;
            }
            if (load.isDone()) {
                return Optional.empty();
            }
        } while (!stop.await(glance));
        out.println("Stopping …");
        return Optional.of(ExitCode.DONE);
    }

    private static Optional<String> halted(List<Stage> stages) {
        for (Stage stage : stages) {
            SluiceException cause = stage.status().cause();
            if (stage.status().state() == StageState.HALTED && cause != null) {
                return Optional.of(stage.name() + " halted: " + cause.getMessage());
            }
        }
        return Optional.empty();
    }

    private ExitCode verify(PipelineRun run, DemoDatabases databases, Stop stop)
            throws InterruptedException, SQLException {
        out.println("The load has stopped. Waiting until everything has arrived …");
        out.flush();
        List<String> behind = run.awaitApplied(
                DRAIN_LIMIT, () -> stop.isAsked() || halted(run.stages()).isPresent());
        if (!behind.isEmpty()) {
            String why = halted(run.stages()).orElse("Still behind: " + String.join(", ", behind));
            out.println(stop.isAsked() ? "Stopping …" : why);
            return ExitCode.FAILED;
        }
        out.println("Comparing every row with plain SQL …");
        List<Comparison.Result> results = new ArrayList<>();
        for (Map.Entry<String, List<String>> owner : Monolith.OWNERS.entrySet()) {
            try (Connection source = databases.open(DemoDatabases.MONOLITH);
                    Connection target = databases.open(Monolith.databaseOf(owner.getKey()))) {
                for (String table : owner.getValue()) {
                    results.add(Comparison.compare(source, target, table));
                }
            }
        }
        out.print(ComparisonReport.render(results));
        out.flush();
        return results.stream().allMatch(Comparison.Result::isEqual) ? ExitCode.DONE : ExitCode.FAILED;
    }
}
