/** Plugins with one flaw each. */
@NullMarked
package org.millrace.distribution.flaw;

import org.jspecify.annotations.NullMarked;
