/**
 * Records for clients that send lines of text.
 *
 * <p>{@link com.example.greeter.GreeterPlugin} is what the host starts; it listens. For each client {@code
 * GreeterProtocol} puts the handlers of a connection together, the last of which, {@code GreeterConnection}, turns lines
 * into acts on records and the host's answers into lines.
 */
@NullMarked
package com.example.greeter;

import org.jspecify.annotations.NullMarked;
