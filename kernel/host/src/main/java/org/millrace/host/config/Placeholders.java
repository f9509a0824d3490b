package org.millrace.host.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Puts secrets in place of <code>${env:NAME}</code> and <code>${file:path}</code>. A literal <code>${</code> is written
 * <code>$${</code>. Immutable.
 */
final class Placeholders {
    private static final int MAX_FILE_BYTES = 64 * 1024;

    private final Map<String, String> environment;

    Placeholders(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * Puts in what a text refers to.
     *
     * @throws IllegalArgumentException with the reason if something it refers to is not there
     */
    String expand(String text) {
        int start = text.indexOf("${");
        if (start < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 64);
        int from = 0;
        while (start >= 0) {
            if (start > 0 && text.charAt(start - 1) == '$') {
                out.append(text, from, start - 1).append("${");
                from = start + 2;
            } else {
                int end = text.indexOf('}', start);
                if (end < 0) {
                    throw new IllegalArgumentException("'${' has no '}'; write $${ for the characters themselves");
                }
                out.append(text, from, start).append(lookUp(text.substring(start + 2, end)));
                from = end + 1;
            }
            start = text.indexOf("${", from);
        }
        return out.append(text, from, text.length()).toString();
    }

    private String lookUp(String reference) {
        if (reference.startsWith("env:")) {
            String value = environment.get(reference.substring(4));
            if (value == null) {
                throw new IllegalArgumentException("environment variable " + reference.substring(4) + " is not set");
            }
            return value;
        }
        if (reference.startsWith("file:")) {
            return read(reference.substring(5));
        }
        throw new IllegalArgumentException(
                "'${" + reference + "}' refers to nothing; write ${env:NAME} or ${file:path},"
                        + " and $${ for the characters themselves");
    }

    private static String read(String file) {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new IllegalArgumentException("file " + file + " is larger than " + MAX_FILE_BYTES + " bytes");
            }
            // Editors and `echo` end a file with a line break that is no part of the secret.
            return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("file " + file + " does not exist", e);
        } catch (InvalidPathException | IOException e) {
            throw new IllegalArgumentException("file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
