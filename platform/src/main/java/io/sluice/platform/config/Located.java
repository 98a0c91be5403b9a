package io.sluice.platform.config;

import io.sluice.schemas.pipeline.Place;

/** An item of a list, and where it stands. */
public record Located<T>(T value, Place place) {}
