/**
 * Names of topics, subjects, groups and transactional ids, and the one hash that chooses a partition.
 *
 * <p>Invariants: a name says which table it stands for (reversibly, unless it had to be shortened); two tables never share a
 * name, nor two names that Kafka holds to be the same because it reads {@code .} and {@code _} alike in metrics; every name
 * of a service starts with {@code <pipeline>.<service>.}, so one prefixed ACL covers it.
 */
@NullMarked
package io.sluice.schemas.topic;

import org.jspecify.annotations.NullMarked;
