/**
 * Who may connect, and what they may do.
 *
 * <p>{@link org.millrace.host.identity.HostAuthenticator} turns credentials into identities: passwords are compared with
 * slow {@link org.millrace.host.identity.PasswordHash hashes} on threads of their own, and a short memory of recent
 * logins spares that for clients that show their password with every request.
 * {@link org.millrace.host.identity.AccessControl} turns an identity into {@link org.millrace.host.identity.Grants},
 * which a view of the resources asks in every call.
 */
@NullMarked
package org.millrace.host.identity;

import org.jspecify.annotations.NullMarked;
