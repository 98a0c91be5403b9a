package io.sluice.sink.consume;

import io.sluice.sink.batch.RowPartition;
import io.sluice.sink.ledger.Claim;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;

/**
 * Which partitions the group gave us, and which of them we hold a claim on. Belongs to the thread that polls.
 *
 * <pre>
 *   assigned ──▶ PENDING (paused, the ledger not yet asked) ──▶ CLAIMED (read and applied)
 *      ▲                                                          │
 *      └───────── rejoin: someone else holds the claim ◀──────────┘
 * </pre>
 *
 * The call-backs only take notes: the ledger may be away for minutes, and a call-back must not be.
 */
final class Assignment implements ConsumerRebalanceListener {

    private final Consumer<byte[], byte[]> consumer;
    private final Backlog backlog;
    private final Map<RowPartition, Claim> claims = new HashMap<>();
    private final Set<RowPartition> pending = new HashSet<>();
    private Set<String> resting = Set.of();

    Assignment(Consumer<byte[], byte[]> consumer, Backlog backlog) {
        this.consumer = consumer;
        this.backlog = backlog;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
        for (TopicPartition each : assigned) {
            // A position of any kind, or the consumer looks for one and fails; paused, so that nothing is read from
            // there.
            consumer.seek(each, 0);
            pending.add(of(each));
        }
        consumer.pause(assigned);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        for (TopicPartition each : revoked) {
            claims.remove(of(each));
            pending.remove(of(each));
            backlog.drop(of(each));
        }
    }

    /**
     * Gives everything up and asks the group who owns what: someone else has written to a partition that we held. Nothing is
     * claimed again before the group has answered, or two sinks that both believe in their right would take turns for ever.
     */
    void rejoin(String why) {
        backlog.clear();
        claims.clear();
        pending.clear();
        consumer.pause(consumer.assignment());
        consumer.enforceRebalance(why);
    }

    Set<RowPartition> pending() {
        return Set.copyOf(pending);
    }

    /** Reads on from where the ledger says. */
    void claimed(Claim claim) {
        if (!pending.remove(claim.partition())) {
            return;
        }
        claims.put(claim.partition(), claim);
        TopicPartition partition = kafka(claim.partition());
        consumer.seek(partition, claim.position());
        if (!rests(claim.partition())) {
            consumer.resume(List.of(partition));
        }
    }

    /** Leaves these topics alone from now on, and only these: what was polled of them and is not applied is read again later. */
    void rest(Set<String> topics) {
        if (topics.equals(resting)) {
            return;
        }
        resting = topics;
        claims.forEach((partition, claim) -> {
            if (rests(partition)) {
                backlog.drop(partition);
                consumer.pause(List.of(kafka(partition)));
                consumer.seek(kafka(partition), claim.position());
            }
        });
        resumeClaimed();
    }

    boolean rests(RowPartition partition) {
        return resting.contains(partition.topic());
    }

    /** The claims on what is not to be left alone. */
    Map<RowPartition, Claim> working() {
        if (resting.isEmpty()) {
            return claims;
        }
        Map<RowPartition, Claim> working = new HashMap<>(claims);
        working.keySet().removeIf(this::rests);
        return working;
    }

    /** The ledger has answered for partitions that are ours still; what it does not have of the backlog stays to be applied. */
    void reclaimed(Collection<Claim> answered) {
        for (Claim claim : answered) {
            Claim known = claims.put(claim.partition(), claim);
            if (known != null && claim.position() < known.position()) {
                // The target went back in time, to a standby that lagged say: so do we.
                backlog.drop(claim.partition());
                consumer.seek(kafka(claim.partition()), claim.position());
            } else {
                backlog.dropBelow(claim.partition(), claim.position());
            }
        }
    }

    void moved(Collection<Claim> after) {
        for (Claim claim : after) {
            claims.put(claim.partition(), claim);
            backlog.dropBelow(claim.partition(), claim.position());
        }
    }

    Map<RowPartition, Claim> claims() {
        return claims;
    }

    void pauseAll() {
        consumer.pause(consumer.assignment());
    }

    void resumeClaimed() {
        List<TopicPartition> held = new ArrayList<>();
        claims.keySet().stream()
                .filter(partition -> !rests(partition))
                .forEach(partition -> held.add(kafka(partition)));
        held.retainAll(consumer.assignment());
        consumer.resume(held);
    }

    static RowPartition of(TopicPartition partition) {
        return new RowPartition(partition.topic(), partition.partition());
    }

    static TopicPartition kafka(RowPartition partition) {
        return new TopicPartition(partition.topic(), partition.partition());
    }
}
