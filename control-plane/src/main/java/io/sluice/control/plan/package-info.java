/** What a start would do and what is unsafe about it, arranged for whoever has to decide. Asks no server: it is given what stages found. */
@NullMarked
package io.sluice.control.plan;

import org.jspecify.annotations.NullMarked;
