package org.millrace.examples.rules;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.resource.Accepted;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.CustomResource;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Write;

/** Tables that follow from the readings: clients read them. */
final class Derived implements CustomResource {
    @Override
    public List<TopicFilter> filters() {
        return List.of(TopicFilter.table(Readings.MINUTES), TopicFilter.table(Readings.ALERTS));
    }

    @Override
    public CompletionStage<Accepted> accept(Write write, Caller caller) {
        throw new ResourceException(
                ErrorCode.UNSUPPORTED, write.path() + " follows from the readings; put readings/ and a sensor's name");
    }
}
