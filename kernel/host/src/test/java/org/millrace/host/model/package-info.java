/** The whole host against a plain map. */
@NullUnmarked
package org.millrace.host.model;

import org.jspecify.annotations.NullUnmarked;
