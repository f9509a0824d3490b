/** Tests of the selector language. */
@NullMarked
package org.millrace.plugin.amqp.selector;

import org.jspecify.annotations.NullMarked;
