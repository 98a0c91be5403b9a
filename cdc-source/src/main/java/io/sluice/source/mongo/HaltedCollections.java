package io.sluice.source.mongo;

import io.sluice.platform.error.HaltException;
import java.util.Collection;

/** What is said of collections that are halted. */
final class HaltedCollections {

    private HaltedCollections() {}

    /** A collection whose changes were discarded has to be read anew, and so far that is done for the whole source. */
    static String remedy(MongoContext context) {
        return "Its changes are discarded from here on, those of other collections go on. Start a new epoch with "
                + context.newEpochCommand() + ", or take the collection out of the pipeline file.";
    }

    /** Halts the source where none of its collections is captured any more. */
    static void refuseAll(MongoContext context, Collection<CollectionState> states) {
        if (states.isEmpty() || !states.stream().allMatch(CollectionState::isHalted)) {
            return;
        }
        CollectionState first = states.iterator().next();
        CollectionState.Halted why = first.halted();
        if (why != null) {
            throw new HaltException(
                    why.code(),
                    why.problem() + (states.size() == 1 ? "" : ", and every other collection is halted too"),
                    "collection " + first.table(),
                    "Start a new epoch with " + context.newEpochCommand()
                            + ", or take the collection out of the pipeline file.");
        }
    }
}
