/** Tests of what is kept of groups. */
@NullMarked
package org.millrace.plugin.amqp.feed;

import org.jspecify.annotations.NullMarked;
