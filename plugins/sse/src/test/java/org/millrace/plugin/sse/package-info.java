/** Tests of event streams, on a host in memory and an HTTP exchange that records. */
@NullMarked
package org.millrace.plugin.sse;

import org.jspecify.annotations.NullMarked;
