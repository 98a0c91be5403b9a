package io.sluice.app.wiring;

import io.sluice.platform.control.AuditEntry.Outcome;
import io.sluice.platform.control.ControlStore;
import io.sluice.platform.intent.Intents;
import io.sluice.platform.intent.Part;
import io.sluice.platform.kafka.KafkaConnection;
import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.topic.Names;
import java.nio.file.Path;
import java.util.List;

/** What operators do, entered in the audit log before it is done: nothing is done that can't be entered. */
public final class Audited {

    private final Pipeline pipeline;
    private final Path folder;
    private final String why;

    /** @param folder where an embedded control store keeps its data */
    public Audited(Pipeline pipeline, Path folder, String why) {
        this.pipeline = pipeline;
        this.folder = folder;
        this.why = why;
    }

    private interface Action {
        void run(Intents intents) throws InterruptedException;
    }

    public void pause(KafkaConnection kafka, Part part) throws InterruptedException {
        carryOut(kafka, "pause", part, intents -> intents.pause(kafka, part, who(), why));
    }

    public void resume(KafkaConnection kafka, Part part) throws InterruptedException {
        carryOut(kafka, "resume", part, intents -> intents.resume(kafka, part));
    }

    private void carryOut(KafkaConnection kafka, String what, Part part, Action action) throws InterruptedException {
        try (TopicAdmin admin = TopicAdmin.open(kafka)) {
            // Also tells a pipeline that was never run from one that is.
            admin.check(List.of(new TopicLayout(pipeline).intents()));
        }
        try (ControlStores control = ControlStores.open(pipeline, folder)) {
            ControlStore store = control.store();
            long entry = store.begin(pipeline.name(), who(), what, part.toString(), why);
            boolean done = false;
            try {
                action.run(new Intents(new Names(pipeline.name()).intents()));
                done = true;
            } finally {
                store.end(entry, done ? Outcome.DONE : Outcome.FAILED);
            }
        }
    }

    /** As the operating system knows them: whoever runs commands for others says more in the reason. */
    private static String who() {
        return System.getProperty("user.name", "unknown");
    }
}
