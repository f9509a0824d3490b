package org.millrace.plugin.http.negotiation;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;

/** Turns a request body into content, by what the request declares it to be (RFC 9110 section 8.3). */
public final class RequestContent {
    private static final String FORM = "application/x-www-form-urlencoded";

    private final Contents contents;
    private final ContentMode mode;

    /**
     * Makes the translator.
     *
     * @param contents the host's factory
     * @param mode what undeclared bodies are taken for
     */
    public RequestContent(Contents contents, ContentMode mode) {
        this.contents = contents;
        this.mode = mode;
    }

    /**
     * Checks the declared type, before the body is read.
     *
     * @param contentType the header field's value, if there is one
     * @throws org.millrace.plugin.http.problem.ProblemException 415 for a charset other than UTF-8 and for multipart
     *     bodies, 400 if it is no media type
     */
    public void check(@Nullable String contentType) {
        if (contentType == null || contentType.equals("application/json")) {
            return;
        }
        int semicolon = contentType.indexOf(';');
        String name = (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
        if (name.startsWith("multipart/")) {
            throw Problems.unsupportedMediaType("a record keeps no parameters of its type, and '" + name
                            + "' cannot be read without its boundary; send the parts one by one")
                    .exception();
        }
        if (semicolon >= 0) {
            checkCharset(contentType.substring(semicolon + 1));
        }
        MediaType.parse(contentType);
    }

    /**
     * Checks the declared type of a query.
     *
     * @param contentType the header field's value, checked before
     * @throws org.millrace.plugin.http.problem.ProblemException 415 for what is no query in the URL's form
     */
    public void checkQuery(@Nullable String contentType) {
        if (contentType == null) {
            return;
        }
        String name = MediaType.parse(contentType).name();
        if (!name.equals(FORM) && !name.equals("text/plain")) {
            throw Problems.unsupportedMediaType(
                            "'" + name + "' is no query; send what would stand behind the '?' of the"
                                    + " URL as one of " + ACCEPT_QUERY)
                    .withHeaders("Accept-Query", ACCEPT_QUERY)
                    .exception();
        }
    }

    private static void checkCharset(String parameters) {
        for (String parameter : parameters.split(";", -1)) {
            String p = parameter.strip();
            if (p.regionMatches(true, 0, "charset=", 0, 8)) {
                String charset = p.substring(8).replace("\"", "").strip();
                if (!charset.equalsIgnoreCase("utf-8") && !charset.equalsIgnoreCase("utf8")) {
                    throw Problems.unsupportedMediaType("charset '" + charset + "' is not taken; send UTF-8")
                            .exception();
                }
            }
        }
    }

    /**
     * The content of a body.
     *
     * @param contentType the header field's value, checked before
     * @param body belongs to the content from now on
     * @return the content
     * @throws org.millrace.spi.resource.ResourceException as {@link Contents} refuses it
     */
    public Content content(@Nullable String contentType, byte[] body) {
        if (contentType == null) {
            return mode == ContentMode.AUTO ? contents.detect(body) : contents.of(MediaType.OCTET_STREAM, body);
        }
        MediaType type = MediaType.parse(contentType);
        return mode == ContentMode.AUTO && type.name().equals(FORM) ? contents.detect(body) : contents.of(type, body);
    }

    /**
     * The type of a body that may hold several records. Undeclared, it is JSON where the request can mean nothing else.
     *
     * @param method the method
     * @param contentType the header field's value, checked before
     * @return the type
     */
    public MediaType typeOfItems(String method, @Nullable String contentType) {
        @Nullable MediaType type = contentType == null ? null : MediaType.parse(contentType);
        if (type == null || mode == ContentMode.AUTO && type.name().equals(FORM)) {
            return method.equals("PUT") ? MediaType.JSON : MediaType.OCTET_STREAM;
        }
        return type;
    }

    /**
     * The content of a patch. A patch of no declared type is a merge patch in JSON.
     *
     * @param contentType the header field's value, checked before
     * @param body belongs to the content from now on
     * @return the patch
     * @throws org.millrace.plugin.http.problem.ProblemException 415 for a type that is no patch
     */
    public Content patch(@Nullable String contentType, byte[] body) {
        MediaType type = contentType == null ? MediaType.MERGE_PATCH : MediaType.parse(contentType);
        if (mode == ContentMode.AUTO && type.name().equals(FORM)) {
            type = MediaType.MERGE_PATCH;
        }
        if (type.equals(MediaType.MERGE_PATCH)) {
            // A merge patch is plain JSON; saying so lets the host check it.
            return contents.of(MediaType.JSON, body);
        }
        Content patch = contents.of(type, body);
        if (!patch.isStructured() && !type.equals(MediaType.JSON_PATCH)) {
            throw Problems.unsupportedMediaType("'" + type + "' is no patch; send one of " + ACCEPT_PATCH)
                    .withHeaders("Accept-Patch", ACCEPT_PATCH)
                    .exception();
        }
        return patch;
    }

    /** The queries taken: the value of {@code Accept-Query}. */
    public static final String ACCEPT_QUERY = "application/x-www-form-urlencoded, text/plain";

    /** The patches taken: the value of {@code Accept-Patch} (RFC 5789 section 3.1). */
    public static final String ACCEPT_PATCH = "application/merge-patch+json, application/json-patch+json, "
            + "application/json, application/cbor, application/msgpack";
}
