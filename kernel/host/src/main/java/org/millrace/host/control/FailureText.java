package org.millrace.host.control;

import java.nio.file.FileSystemException;
import java.util.Locale;
import org.millrace.spi.resource.ResourceException;

/** What a failed operation says to the operator. */
final class FailureText {
    private FailureText() {}

    static String code(Exception failure) {
        return failure instanceof ResourceException e ? e.code().name().toLowerCase(Locale.ROOT) : "failed";
    }

    static String of(Exception failure) {
        String message = failure.getMessage();
        boolean meantForPeople = failure.getClass().getName().startsWith("org.millrace.");
        if (message != null && meantForPeople) {
            return message;
        }
        // A file system's message is the file's name alone.
        return failure instanceof FileSystemException || message == null
                ? failure.getClass().getSimpleName() + ": " + message
                : message;
    }
}
