package io.sluice.source.position;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What this capture stands on. Where any of it is no longer so, going on could leave a silent gap.
 *
 * @param systemId the cluster that the slot was made in
 * @param timeline its timeline, when last looked at
 * @param consistentPoint where the slot begins; null as long as it is only intended
 * @param topicIds the change topics by name: a topic made again under an old name has another id
 */
public record SourceFacts(
        int epoch,
        String systemId,
        int timeline,
        String slot,
        List<String> publications,
        @Nullable Long consistentPoint,
        Map<String, String> topicIds) {

    public SourceFacts {
        Objects.requireNonNull(systemId, "systemId");
        Objects.requireNonNull(slot, "slot");
        publications = List.copyOf(publications);
        topicIds = Map.copyOf(topicIds);
    }

    /** Whether the slot was asked for and nobody knows whether it came to be. */
    public boolean isIntent() {
        return consistentPoint == null;
    }

    public SourceFacts withConsistentPoint(long lsn) {
        return new SourceFacts(epoch, systemId, timeline, slot, publications, lsn, topicIds);
    }

    public SourceFacts withTimeline(int newTimeline) {
        return new SourceFacts(epoch, systemId, newTimeline, slot, publications, consistentPoint, topicIds);
    }

    public SourceFacts with(List<String> newPublications, Map<String, String> newTopicIds) {
        return new SourceFacts(epoch, systemId, timeline, slot, newPublications, consistentPoint, newTopicIds);
    }
}
