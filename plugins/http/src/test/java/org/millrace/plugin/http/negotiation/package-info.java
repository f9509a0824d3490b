/** Tests of {@code negotiation} without sockets. */
@NullMarked
package org.millrace.plugin.http.negotiation;

import org.jspecify.annotations.NullMarked;
