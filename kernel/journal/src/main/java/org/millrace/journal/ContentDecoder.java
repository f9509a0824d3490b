package org.millrace.journal;

import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;

/**
 * Makes contents of bytes that come back from the journal. They were validated before they went in, so this must not
 * refuse them. Called by any thread; must not block.
 */
@FunctionalInterface
public interface ContentDecoder {
    /**
     * Makes a content.
     *
     * @param mediaType what the bytes are
     * @param bytes belong to the content from now on
     * @return the content
     */
    Content decode(MediaType mediaType, byte[] bytes);
}
