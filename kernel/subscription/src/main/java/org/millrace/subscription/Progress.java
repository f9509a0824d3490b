package org.millrace.subscription;

/** How a step forward of one subscription ended. */
enum Progress {
    /** It is where it should be. */
    DONE,
    /** There is more to do, and it may go on at once. */
    MORE,
    /** It needs demand to go on. */
    STARVED,
    /** It fell too far behind to be told every path: it must be shown the present state again. */
    OVERFLOWED
}
