/** What the tests of every kind of source need: readers of change topics, and processes and brokers to be killed. */
package io.sluice.source.testing;
