/**
 * Transactions (AMQP 1.0 section 4): {@link org.millrace.plugin.amqp.transaction.Coordinator} declares and discharges
 * them, {@link org.millrace.plugin.amqp.transaction.Transaction} collects what is done in one until then.
 */
@NullMarked
package org.millrace.plugin.amqp.transaction;

import org.jspecify.annotations.NullMarked;
