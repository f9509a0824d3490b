/** Tests of how messages are mapped. */
@NullMarked
package org.millrace.plugin.amqp.mapping;

import org.jspecify.annotations.NullMarked;
