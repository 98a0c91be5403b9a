package io.sluice.app.wiring;

import io.sluice.platform.kafka.TopicAdmin;
import io.sluice.platform.kafka.TopicLayout;
import io.sluice.schemas.model.TableId;
import io.sluice.schemas.pipeline.Pipeline;
import io.sluice.schemas.topic.Names;
import io.sluice.source.request.LoadRequest;
import io.sluice.source.request.RequestTopic;
import java.util.List;

/** Leaves what an operator asks of a source where the source finds it. */
public final class LoadRequests {

    private final Pipeline pipeline;
    private final Servers servers;

    public LoadRequests(Pipeline pipeline, Servers servers) {
        this.pipeline = pipeline;
        this.servers = servers;
    }

    /** @param cancel whether a load is to be given up rather than begun */
    public void send(TableId table, boolean cancel) throws InterruptedException {
        try (TopicAdmin admin = TopicAdmin.open(servers.kafka())) {
            // Also tells a pipeline that was never run from one that is.
            admin.check(List.of(new TopicLayout(pipeline).sourceRequests()));
        }
        new RequestTopic(new Names(pipeline.name()).sourceRequests())
                .send(servers.kafka(), cancel ? LoadRequest.cancel(table) : LoadRequest.load(table));
    }
}
