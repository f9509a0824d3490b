/** A plugin that a test drops into the host's folder as a jar of its own. */
@NullMarked
package org.millrace.distribution.rules;

import org.jspecify.annotations.NullMarked;
