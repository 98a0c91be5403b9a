package io.sluice.platform.config;

/**
 * How much of a file is looked at. Far beyond any honest pipeline file, far below what hurts.
 *
 * @param bytes of the file
 * @param depth of nesting
 * @param nodes in the document, each alias counted as what it stands for
 * @param aliases in the document
 */
public record YamlLimits(int bytes, int depth, int nodes, int aliases) {

    public static final YamlLimits DEFAULT = new YamlLimits(1024 * 1024, 32, 50_000, 100);
}
