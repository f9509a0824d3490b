/** Tests of {@code target} without sockets. */
@NullMarked
package org.millrace.plugin.http.resource;

import org.jspecify.annotations.NullMarked;
