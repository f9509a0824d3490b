/** Tests of the HTTP plugin over real sockets, against a host in memory. */
@NullMarked
package org.millrace.plugin.http;

import org.jspecify.annotations.NullMarked;
