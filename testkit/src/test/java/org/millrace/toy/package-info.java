/** Plugins in a package that is not the testkit's, as an author's are. */
@NullMarked
package org.millrace.toy;

import org.jspecify.annotations.NullMarked;
