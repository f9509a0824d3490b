/**
 * The rules of AMQP 1.0 that bind a server, frame by frame, with the scripted peer of protonj2's test driver. The page
 * docs/amqp-conformance.md is written from them.
 */
@NullMarked
package org.millrace.plugin.amqp.rules;

import org.jspecify.annotations.NullMarked;
