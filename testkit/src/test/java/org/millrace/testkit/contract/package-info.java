/** Tests of the contract. */
@NullMarked
package org.millrace.testkit.contract;

import org.jspecify.annotations.NullMarked;
