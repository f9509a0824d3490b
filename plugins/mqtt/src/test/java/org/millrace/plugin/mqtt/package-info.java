/**
 * The MQTT plugin over real sockets, against a host in memory: exact bytes by a scripted peer, each test named after
 * the normative statement it shows where there is one, and outside clients end to end.
 */
@NullMarked
package org.millrace.plugin.mqtt;

import org.jspecify.annotations.NullMarked;
