package org.millrace.testkit.contract;

/**
 * A client of the protocol under test, connected and let in: the few acts {@link PluginContract} asks of it. Used by one
 * thread; every act ends with an exception or an {@link AssertionError} rather than waiting for ever.
 */
public interface ProtocolClient extends AutoCloseable {
    /**
     * Sets a record.
     *
     * @param path the record's path
     * @param json its content
     * @return what the client was told, in the protocol's own term: a status, a reason code, a condition
     * @throws Exception if the connection fails
     */
    String put(String path, String json) throws Exception;

    /**
     * Asks for all records of a table, in whatever way the protocol sends many, and reads nothing of what comes.
     *
     * @param table the table
     * @throws Exception if the connection fails
     */
    void askForAllAndReadNothing(String table) throws Exception;

    @Override
    void close() throws Exception;
}
