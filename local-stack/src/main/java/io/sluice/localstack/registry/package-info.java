/**
 * A schema registry that speaks the Confluent REST API, for the demo, single-machine runs and tests.
 *
 * <p>One writer at a time: a command is checked against the {@link io.sluice.localstack.registry.Catalog}, its event is
 * forced to the log, and only then does the catalog change; so whatever a client has been told survives {@code kill -9}
 * and power loss, and nobody sees what a crash could take back. Avro alone, without references. Listens on loopback only.
 */
@NullMarked
package io.sluice.localstack.registry;

import org.jspecify.annotations.NullMarked;
