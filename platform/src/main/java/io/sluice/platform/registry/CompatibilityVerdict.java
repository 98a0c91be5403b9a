package io.sluice.platform.registry;

import java.util.List;

/**
 * Whether a schema could be registered now.
 *
 * @param objections the registry's reasons; some registries give none
 */
public record CompatibilityVerdict(boolean compatible, List<String> objections) {

    public CompatibilityVerdict {
        objections = List.copyOf(objections);
    }
}
