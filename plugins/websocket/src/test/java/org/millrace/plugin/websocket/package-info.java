/** Tests of WebSocket, on a host in memory and a channel without a socket. */
@NullMarked
package org.millrace.plugin.websocket;

import org.jspecify.annotations.NullMarked;
