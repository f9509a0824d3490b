/**
 * What a request is about: the mapping between URLs and paths.
 *
 * <p>{@link org.millrace.plugin.http.target.RequestTarget} takes the request line's target apart,
 * {@link org.millrace.plugin.http.target.Target} says what its path names, and
 * {@link org.millrace.plugin.http.target.UrlPath} is the codec between a path's text and its percent-encoded form; it
 * works both ways without loss for every legal path.
 */
@NullMarked
package org.millrace.plugin.http.target;

import org.jspecify.annotations.NullMarked;
