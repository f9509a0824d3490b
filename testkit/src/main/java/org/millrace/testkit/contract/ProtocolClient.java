package org.millrace.testkit.contract;

/**
 * A client of the protocol under test, connected and let in: the few acts {@link PluginContract} asks of it. Used by one
 * thread; every act ends with an exception or an {@link AssertionError} rather than waiting for ever.
 */
public interface ProtocolClient extends AutoCloseable {
    /**
     * Sets a record. Only a protocol that {@linkplain PluginContract#readsOnly reads only} need not offer it.
     *
     * @param path the record's path
     * @param json its content
     * @return what the client was told, in the protocol's own term: a status, a reason code, a condition
     * @throws Exception if the connection fails
     */
    default String put(String path, String json) throws Exception {
        throw new UnsupportedOperationException("this protocol sets no record");
    }

    /**
     * Begins to follow a record, and may end it when the client has its answer. Needed of a protocol that
     * {@linkplain PluginContract#readsOnly reads only}.
     *
     * @param path the record's path
     * @return what the client was told, in the protocol's own term
     * @throws Exception if the connection fails
     * @since 0.1
     */
    default String follow(String path) throws Exception {
        throw new UnsupportedOperationException("this client follows no single record");
    }

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
