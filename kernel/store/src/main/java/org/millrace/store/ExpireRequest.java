package org.millrace.store;

import java.util.List;
import org.millrace.spi.resource.Path;

/**
 * Asks the writer to remove those of these records whose time has run out. It looks at each again: a record that was
 * written meanwhile stays.
 *
 * @param paths the records
 * @param done called on the writer thread when they are dealt with, or given up
 */
record ExpireRequest(List<Path> paths, Runnable done) implements Submission {}
