/**
 * What somebody implements who writes a mapping in Java. Compile against this and {@code io.sluice.schemas.model}; both are on
 * the class path when the mapper runs, and nothing else of Sluice is.
 *
 * <p>Invariant: free of everything but the model.
 */
@NullMarked
package io.sluice.schemas.mapper;

import org.jspecify.annotations.NullMarked;
