@NullMarked
package org.millrace.examples.coap;

import org.jspecify.annotations.NullMarked;
