package io.sluice.transform.topology;

import io.sluice.platform.error.EnvironmentException;
import io.sluice.platform.error.HaltException;
import io.sluice.platform.error.SluiceException;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.jspecify.annotations.Nullable;

/**
 * What follows from a failure of the stream: an {@link EnvironmentException} is waited out, anything else stops the service.
 *
 * <p>Kafka's own failures are waited out unless they are known to last: nothing is lost by trying again, for what was not
 * committed is read again.
 */
final class Failures {

    private static final int DEEPEST = 20;

    private final String application;

    Failures(String application) {
        this.application = application;
    }

    SluiceException classify(Throwable failure) {
        Throwable each = failure;
        boolean kafka = false;
        for (int depth = 0; each != null && depth < DEEPEST; depth++) {
            SluiceException known = known(each);
            if (known != null) {
                return known;
            }
            kafka |= each instanceof KafkaException;
            each = each.getCause();
        }
        Throwable root = root(failure);
        if (kafka) {
            return new EnvironmentException(
                    "KAFKA_UNAVAILABLE",
                    "Kafka interrupted us: " + root.getClass().getSimpleName(),
                    null,
                    "We try again by ourselves. If it lasts, check that the brokers run and can be reached.",
                    failure);
        }
        String at = root.getStackTrace().length == 0 ? "" : " at " + root.getStackTrace()[0];
        return new HaltException(
                "TRANSFORM_FAILED",
                "unexpected " + root.getClass().getName() + at,
                application,
                "Nothing was skipped. Please report this, then start the service again.");
    }

    private @Nullable SluiceException known(Throwable failure) {
        if (failure instanceof SluiceException ours) {
            return ours;
        }
        if (failure instanceof InvalidOffsetException offsets) {
            String places = offsets.partitions().stream()
                    .map(TopicPartition::toString)
                    .sorted()
                    .toList()
                    .toString();
            return new HaltException(
                    "TOPIC_OFFSETS_MISSING",
                    "group " + application
                            + " has no offset to go on from, or its offset points at records that are gone",
                    "partitions " + places,
                    "What it had not read is lost to it: start the source in a new epoch with `sluice run FILE --new-epoch SOURCE`.",
                    failure);
        }
        if (failure instanceof MissingSourceTopicException) {
            return new HaltException(
                    "TOPIC_MISSING",
                    "a change topic does not exist any more",
                    application,
                    "Its records are gone: see the runbook.",
                    failure);
        }
        if (failure instanceof RecordTooLargeException || failure instanceof RecordBatchTooLargeException) {
            return new HaltException(
                    "RECORD_TOO_LARGE",
                    "a row is larger than a record may be",
                    application,
                    "Raise `max-record` in the pipeline file, and the brokers' limits with it, then start again.",
                    failure);
        }
        if (failure instanceof AuthorizationException || failure instanceof AuthenticationException) {
            return new HaltException(
                    "KAFKA_REFUSED",
                    "Kafka does not let us in, or not do this: "
                            + failure.getClass().getSimpleName(),
                    application,
                    "Check the security settings and what our user may do.",
                    failure);
        }
        if (failure instanceof InvalidTopicException || failure instanceof UnsupportedVersionException) {
            return new HaltException(
                    "KAFKA_UNSUITABLE",
                    "these brokers can't do what we need: " + failure.getClass().getSimpleName(),
                    application,
                    "Exactly-once needs brokers of version 2.5 or later.",
                    failure);
        }
        return null;
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; root.getCause() != null && depth < DEEPEST; depth++) {
            root = root.getCause();
        }
        return root;
    }
}
