/** Tests of {@code connection} without sockets. */
@NullMarked
package org.millrace.plugin.http.connection;

import org.jspecify.annotations.NullMarked;
