package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;

/**
 * An entry of a map whose keys are names that the user chose.
 *
 * @param place where the name stands
 */
public record Named<T>(String name, T value, Place place) {}
