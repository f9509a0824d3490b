package org.millrace.store;

/** What waits for the writer: a client's request, other nodes' changes, or the store's own. */
sealed interface Submission permits WriteRequest, ForeignRequest, ExpireRequest {}
