/** Tests of sessions without connections. */
@NullMarked
package org.millrace.plugin.mqtt.session;

import org.jspecify.annotations.NullMarked;
