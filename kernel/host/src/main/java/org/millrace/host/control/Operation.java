package org.millrace.host.control;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something the command line asks of a host. Safe for use by any thread; runs on a thread that may block. */
public interface Operation {
    /**
     * What it is called in a request.
     *
     * @return one word
     */
    String name();

    /**
     * Does it.
     *
     * @param arguments what the operator gave
     * @param exchange where progress and output go, and input comes from
     * @return what came of it, for the operator
     * @throws org.millrace.spi.resource.ResourceException why it cannot be done
     * @throws IOException if a file cannot be read or written, or the client is gone
     */
    Map<String, String> run(Map<String, String> arguments, Exchange exchange) throws IOException;

    /** The client's side of an operation under way. Used by the operation's thread. */
    interface Exchange {
        /**
         * Tells the operator how far it has come.
         *
         * @param line one line
         * @throws IOException if the client is gone
         */
        void progress(String line) throws IOException;

        /**
         * Gives one line of output.
         *
         * @param line without a line break in it
         * @throws IOException if the client is gone
         */
        void output(byte[] line) throws IOException;

        /**
         * Takes one line of input. Blocks.
         *
         * @return the line without its break; null at the end
         * @throws IOException if the client is gone or the line is too long
         */
        byte @Nullable [] input() throws IOException;
    }
}
