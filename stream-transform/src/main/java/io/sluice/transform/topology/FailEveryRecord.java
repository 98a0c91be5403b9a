package io.sluice.transform.topology;

import java.util.Map;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Lets every failure through to the stage, which decides what follows from it. Kafka's own handler does the same but logs
 * what the stage reports anyway. Public because Streams makes it, by its name.
 */
public final class FailEveryRecord implements ProcessingExceptionHandler {

    @Override
    public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
        return Response.fail();
    }

    @Override
    public void configure(Map<String, ?> configs) {}
}
