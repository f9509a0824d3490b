package org.millrace.plugin.websocket.envelope;

import java.util.List;
import java.util.Map;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Finds the values of maps and lists in one format. Safe for use by any thread. */
interface EnvelopeReader {
    /** How many fields or elements an envelope may have; the record inside it is not counted. */
    int MOST = 10_000;

    /**
     * Reads a map whose keys are texts.
     *
     * @param bytes one map and nothing else
     * @return its values in their order
     * @throws ResourceException {@link ErrorCode#INVALID} for anything else, and for a key that comes twice
     */
    Map<String, Slot> map(byte[] bytes);

    /**
     * Reads a list.
     *
     * @param bytes one list and nothing else
     * @return its elements
     * @throws ResourceException {@link ErrorCode#INVALID} for anything else
     */
    List<Slot> list(byte[] bytes);

    /** A message that is not what it should be. */
    static ResourceException malformed(String detail) {
        return new ResourceException(ErrorCode.INVALID, "the message is malformed: " + detail);
    }
}
