/**
 * What every protocol plugin has to stand, as tests that an author extends: {@link
 * org.millrace.testkit.contract.PluginContract}. JUnit Jupiter is the author's to bring.
 */
@NullMarked
package org.millrace.testkit.contract;

import org.jspecify.annotations.NullMarked;
