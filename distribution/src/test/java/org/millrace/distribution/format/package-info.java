/** A plugin that teaches the host a content format. */
@NullMarked
package org.millrace.distribution.format;

import org.jspecify.annotations.NullMarked;
