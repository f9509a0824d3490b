/**
 * Who acts.
 *
 * <p>A plugin collects {@link org.millrace.spi.identity.Credentials} in its protocol's way, has the host's
 * {@link org.millrace.spi.identity.Authenticator} turn them into an {@link org.millrace.spi.identity.Identity}, and
 * opens {@link org.millrace.spi.resource.Resources} with it. The plugin authenticates; the host authorises every call
 * inside {@code Resources}, so a plugin cannot forget to.
 */
@NullMarked
package org.millrace.spi.identity;

import org.jspecify.annotations.NullMarked;
