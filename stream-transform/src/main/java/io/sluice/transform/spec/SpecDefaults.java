package io.sluice.transform.spec;

import java.util.Optional;

/** What a file says for all of its specs. */
record SpecDefaults(Optional<String> service, Optional<String> table, SpecShapes.Compared columns) {}
