/**
 * The client of the Schema Registry, over Confluent's REST API.
 *
 * <p>Asks each thing once: answers that can't change are cached, within bounds, and threads that want the same thing at the
 * same time share one request. What may pass (no connection, 5xx, 429) is tried again, at the next server where there are
 * several, and then is an {@link io.sluice.platform.error.EnvironmentException}; only an incompatible or refused schema
 * halts. A record is called unreadable only when the registry has said more than once that it knows no such id. No password
 * or token is ever part of a message.
 */
@NullMarked
package io.sluice.platform.registry;

import org.jspecify.annotations.NullMarked;
