package org.millrace.plugin.http.connection;

/** A connection as the server sees it, whatever the HTTP version. */
interface ServedConnection {
    /** Ends the connection when the requests under way are answered. Called by any thread. */
    void drain();
}
