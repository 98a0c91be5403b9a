/** Where versions of mappings are kept: a compacted topic of the pipeline, which outlives every process and is shared by all. */
@NullMarked
package io.sluice.transform.version;

import org.jspecify.annotations.NullMarked;
