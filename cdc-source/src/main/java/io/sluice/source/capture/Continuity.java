package io.sluice.source.capture;

import io.sluice.platform.error.BadInputException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.kafka.TopicFacts;
import io.sluice.platform.preflight.Finding;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compares what is stored with what is there, as far as that is the same for every kind of source. */
public final class Continuity {

    private final String source;

    public Continuity(String source) {
        this.source = source;
    }

    private String newEpoch() {
        return "Start a new epoch with " + Remedies.newEpoch(source) + ".";
    }

    /** The ids of topics by name: a topic made again under an old name has another id. */
    public static Map<String, String> ids(Map<String, TopicFacts> topics) {
        Map<String, String> ids = new HashMap<>();
        topics.forEach((name, topic) -> ids.put(name, topic.id().toString()));
        return ids;
    }

    /** @throws HaltException if a topic is another than the one whose id was stored */
    public void checkTopics(Map<String, String> storedIds, Map<String, TopicFacts> topics) {
        storedIds.forEach((name, id) -> {
            TopicFacts now = topics.get(name);
            if (now != null && !now.id().toString().equals(id)) {
                throw new HaltException(
                        "TOPIC_CHANGED",
                        "the topic was deleted and made again, so the changes that were in it are gone",
                        "topic " + name,
                        newEpoch());
            }
        });
    }

    /**
     * The offset, where there is one; there is none only if somebody removed it.
     *
     * @throws HaltException if there is none
     */
    public <T> T offset(@Nullable T stored, String stateTopic) {
        if (stored == null) {
            throw new HaltException(
                    "OFFSET_LOST",
                    "the state topic knows this source, but not up to where it was read",
                    "topic " + stateTopic,
                    newEpoch());
        }
        return stored;
    }

    /** @throws BadInputException if there is an error among what a check found: the first, and how many more */
    public static void refuseErrors(List<Finding> findings) {
        List<Finding> errors = findings.stream().filter(Finding::isError).toList();
        if (!errors.isEmpty()) {
            Finding first = errors.get(0);
            throw new BadInputException(
                    "SOURCE_UNFIT",
                    first.problem() + (errors.size() == 1 ? "" : " (and " + (errors.size() - 1) + " more)"),
                    first.place(),
                    first.remedy());
        }
    }
}
