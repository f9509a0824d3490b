/**
 * The selector language of JMS (Jakarta Messaging 3.1 section 3.8.1), a subset of SQL-92's conditions, over the properties
 * of messages. {@link org.millrace.plugin.amqp.selector.Selector} is the entry: text in, a condition out.
 */
@NullMarked
package org.millrace.plugin.amqp.selector;

import org.jspecify.annotations.NullMarked;
