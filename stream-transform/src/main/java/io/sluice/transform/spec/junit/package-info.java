/**
 * Specs as tests of JUnit 5, for projects that keep their pipeline files beside Java code.
 *
 * <p>Invariant: JUnit is an optional dependency, so nothing outside this package may need it.
 */
@NullMarked
package io.sluice.transform.spec.junit;

import org.jspecify.annotations.NullMarked;
