package org.millrace.plugin.websocket;

import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.transport.HttpRequest;
import org.millrace.spi.transport.UrlText;

/**
 * What a URL asks for that names a record.
 *
 * @param path the record
 * @param put whether the client's messages set the record, rather than being events
 * @param start where to start
 * @param overflow what happens when the client is slower than the changes
 */
record RecordTarget(Path path, boolean put, Start start, Overflow overflow) {
    /**
     * Reads a request's target.
     *
     * @throws ResourceException {@link ErrorCode#INVALID} if it names no record, or for an unknown parameter
     */
    static RecordTarget read(HttpRequest request) {
        String text = UrlText.decode(request.path().substring(1));
        if (text.isEmpty() || text.indexOf('/') == text.length() - 1) {
            throw invalid("open the URL of a record, or offer a subprotocol this host has");
        }
        Path path = Path.of(text);
        boolean put = false;
        Start start = Start.CURRENT;
        Overflow overflow = Overflow.EVERY;
        for (UrlText.Parameter parameter : UrlText.parameters(request.query())) {
            switch (parameter.name() + "=" + parameter.value()) {
                case "mode=put" -> put = true;
                case "mode=publish" -> put = false;
                case "start=now" -> start = Start.NOW;
                case "start=current" -> start = Start.CURRENT;
                case "policy=latest" -> overflow = Overflow.LATEST;
                case "policy=every" -> overflow = Overflow.EVERY;
                default ->
                    throw invalid("the query takes mode=publish or put, start=current or now, policy=every or latest");
            }
        }
        return new RecordTarget(path, put, start, overflow);
    }

    private static ResourceException invalid(String message) {
        return new ResourceException(ErrorCode.INVALID, message);
    }
}
