/** Tests of {@code condition} without sockets. */
@NullMarked
package org.millrace.plugin.http.condition;

import org.jspecify.annotations.NullMarked;
