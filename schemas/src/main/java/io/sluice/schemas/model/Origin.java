package io.sluice.schemas.model;

import java.util.Objects;

/**
 * What a row record was made from: lets a sink drop what it has already applied, however often its input is made again.
 *
 * @param topic the change topic
 * @param part counts the row records that one change became, from 0: a split makes several
 */
public record Origin(String topic, int partition, long offset, int part) {

    public Origin {
        Objects.requireNonNull(topic, "topic");
    }
}
