package io.sluice.transform.mapping;

import java.util.List;

/** What became of a mapping: either a function, or everything that is wrong with it. */
public sealed interface Compilation {

    /**
     * It can be done.
     *
     * @param drift what of the source it was not made for
     */
    record Compiled(CompiledMapping mapping, Drift drift) implements Compilation {}

    /**
     * It can't.
     *
     * @param problems all of them, in the order of the file; never empty
     */
    record Refused(List<MappingProblem> problems) implements Compilation {

        public Refused {
            problems = List.copyOf(problems);
            if (problems.isEmpty()) {
                throw new IllegalArgumentException("a refusal has a problem");
            }
        }
    }
}
