/**
 * What a plugin registered, and how it is undone.
 *
 * <p>Each run of a plugin has {@link org.millrace.host.scope.Registrations}; whatever the plugin opens through its
 * context is entered there, so that stopping the plugin leaves nothing behind, not even a reference to its classes.
 */
@NullMarked
package org.millrace.host.scope;

import org.jspecify.annotations.NullMarked;
