/** Tests of parts of a connection that need no socket. */
@NullMarked
package org.millrace.plugin.mqtt.connection;

import org.jspecify.annotations.NullMarked;
