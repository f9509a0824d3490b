package org.millrace.testkit;

import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/**
 * What the host in memory knows of formats. The default knows JSON's syntax and nothing else; a test that needs
 * transcoding, patches or queries brings its own rules. Called by any thread.
 */
public interface ContentRules {
    /** Checks JSON's syntax, transcodes nothing, merges nothing. */
    ContentRules PLAIN = new ContentRules() {};

    /**
     * Checks bytes of a declared type.
     *
     * @param type what they are declared to be
     * @param bytes not to be altered
     * @throws ResourceException {@link ErrorCode#INVALID} if they are something else
     */
    default void check(MediaType type, byte[] bytes) {
        if (type.equals(MediaType.JSON)) {
            int wrong = JsonSyntax.firstError(bytes);
            if (wrong >= 0) {
                throw new ResourceException(ErrorCode.INVALID, "malformed JSON at byte " + wrong);
            }
        }
    }

    /**
     * Whether a type can become another.
     *
     * @param from a structured type
     * @param target another type
     * @return true if {@link #transcode} does it
     */
    default boolean canTranscode(MediaType from, MediaType target) {
        return false;
    }

    /**
     * Gives a content in another format.
     *
     * @param content a structured content
     * @param target a type that {@link #canTranscode} agreed to
     * @return the bytes
     */
    default byte[] transcode(Content content, MediaType target) {
        throw new ResourceException(
                ErrorCode.UNSUPPORTED, content.mediaType() + " cannot be had as " + target + " here");
    }

    /**
     * Merges a patch.
     *
     * @param base the record; null where there is none
     * @param patch the patch
     * @return the bytes of the new record, in the base's type, or in the patch's where there is no base
     */
    default byte[] merge(@Nullable Content base, Content patch) {
        throw new ResourceException(ErrorCode.UNSUPPORTED, "this test host has no rules to merge patches");
    }

    /**
     * Compiles the conditions of a query or a live query.
     *
     * @param query not empty; in whatever language the test likes
     * @return which records satisfy it; called by any thread
     * @throws ResourceException {@link ErrorCode#INVALID} if it cannot be read
     */
    default BiPredicate<Path, Content> condition(String query) {
        throw new ResourceException(
                ErrorCode.UNSUPPORTED, "this test host has no query language; bring ContentRules with a condition");
    }
}
