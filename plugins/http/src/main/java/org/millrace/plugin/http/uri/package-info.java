/**
 * What a request is about: the mapping between URLs and paths.
 *
 * <p>{@link org.millrace.plugin.http.uri.RequestTarget} takes the request line's target apart,
 * {@link org.millrace.plugin.http.uri.Target} says what its path names, and
 * {@link org.millrace.plugin.http.uri.UrlPath} is the codec between a path's text and its percent-encoded form; it
 * works both ways without loss for every legal path.
 */
@NullMarked
package org.millrace.plugin.http.uri;

import org.jspecify.annotations.NullMarked;
