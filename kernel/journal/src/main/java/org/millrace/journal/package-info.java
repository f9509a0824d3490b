/**
 * The change journal: every accepted change of this node in order. What it has acknowledged survives a power cut.
 */
@NullMarked
package org.millrace.journal;

import org.jspecify.annotations.NullMarked;
