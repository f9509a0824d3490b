/** Tests of the rules: in a host in memory, and packed in a real host, read by several protocols. */
@NullMarked
package org.millrace.examples.rules;

import org.jspecify.annotations.NullMarked;
