package org.millrace.plugin.http.exchange;

/** How the body of a request is taken. */
public enum Intake {
    /** It is collected, and the request answered when it has come. */
    WHOLE,
    /** The request is answered while it comes: by a {@link BodyReader}. */
    STREAMED,
    /** It is JSON, which is streamed if it is an array, and otherwise collected. */
    STREAMED_IF_ARRAY
}
