/** Tests of what plugins are tested with. */
@NullMarked
package org.millrace.testkit;

import org.jspecify.annotations.NullMarked;
