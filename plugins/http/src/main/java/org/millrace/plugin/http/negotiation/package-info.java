/**
 * Which format a client sends and which it gets (RFC 9110 sections 8.3 and 12.5.1).
 *
 * <p>{@link org.millrace.plugin.http.negotiation.RequestContent} judges what a body is declared to be,
 * {@link org.millrace.plugin.http.negotiation.Accept} chooses among the formats a record can be had in, and
 * {@link org.millrace.plugin.http.negotiation.Suffix} is the choice by file name.
 */
@NullMarked
package org.millrace.plugin.http.negotiation;

import org.jspecify.annotations.NullMarked;
