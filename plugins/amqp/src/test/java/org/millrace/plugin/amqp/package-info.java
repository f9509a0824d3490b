/** Tests of the AMQP plugin in a host in memory. */
@NullMarked
package org.millrace.plugin.amqp;

import org.jspecify.annotations.NullMarked;
