package org.millrace.host.identity;

import org.millrace.spi.resource.TopicFilter;

/**
 * The permission to do one kind of act on the paths of a filter.
 *
 * @param act what is allowed
 * @param filter where
 */
public record Grant(Act act, TopicFilter filter) {}
