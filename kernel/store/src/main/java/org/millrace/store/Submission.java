package org.millrace.store;

/** What waits for the writer: a client's request, or the store's own. */
sealed interface Submission permits WriteRequest, ExpireRequest {}
