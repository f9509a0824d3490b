/**
 * The topics under {@code $SYS/broker} by which tools watch a broker, named and counted as mosquitto does.
 *
 * <p>{@link org.millrace.plugin.mqtt.system.Traffic} counts what passes, {@link org.millrace.plugin.mqtt.system.SystemTopics}
 * reads the counts every few seconds and shows those that changed to whoever subscribed; no record is written.
 */
@NullMarked
package org.millrace.plugin.mqtt.system;

import org.jspecify.annotations.NullMarked;
