/** Tests of {@code target} without sockets. */
@NullMarked
package org.millrace.plugin.http.uri;

import org.jspecify.annotations.NullMarked;
