/**
 * Hosts for JUnit Jupiter's tests: {@link org.millrace.testkit.junit.HostExtension}. JUnit is the author's to bring.
 */
@NullMarked
package org.millrace.testkit.junit;

import org.jspecify.annotations.NullMarked;
