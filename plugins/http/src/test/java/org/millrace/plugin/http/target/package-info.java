/** Tests of {@code target} without sockets. */
@NullMarked
package org.millrace.plugin.http.target;

import org.jspecify.annotations.NullMarked;
