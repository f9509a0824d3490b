/**
 * What MQTT's words mean in Millrace's, and back.
 *
 * <p>{@link org.millrace.plugin.mqtt.mapping.PublishMapping} turns a PUBLISH or a will into a write,
 * {@link org.millrace.plugin.mqtt.mapping.MessageProperties} maps the properties that travel with a message both ways,
 * {@link org.millrace.plugin.mqtt.mapping.Refusal} is the one table from error codes to reason codes, and
 * {@link org.millrace.plugin.mqtt.mapping.Format} is the format a subscriber asked for.
 */
@NullMarked
package org.millrace.plugin.mqtt.mapping;

import org.jspecify.annotations.NullMarked;
