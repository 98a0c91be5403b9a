package io.sluice.source.engine;

import io.sluice.schemas.pipeline.ConnectionSpec;
import io.sluice.schemas.pipeline.SourceSpec;
import java.util.function.UnaryOperator;

/** A source that differs from the usual in one thing. */
final class Adjust {

    private Adjust() {}

    static UnaryOperator<SourceSpec> url(String url) {
        return connection(ConnectionSpec.to(url));
    }

    static UnaryOperator<SourceSpec> connection(ConnectionSpec connection) {
        return source -> with(source, connection, source.origins());
    }

    static UnaryOperator<SourceSpec> origins(SourceSpec.Origins origins) {
        return source -> with(source, source.connection(), origins);
    }

    private static SourceSpec with(SourceSpec source, ConnectionSpec connection, SourceSpec.Origins origins) {
        return new SourceSpec(
                source.name(),
                source.kind(),
                connection,
                source.heartbeat(),
                origins,
                source.snapshotWorkers(),
                source.expected(),
                source.ignored(),
                source.place());
    }
}
