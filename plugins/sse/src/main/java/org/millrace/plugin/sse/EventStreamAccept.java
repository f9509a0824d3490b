package org.millrace.plugin.sse;

import java.util.List;
import java.util.Locale;

/** Whether a client would rather have an event stream than anything else (RFC 9110 section 12.5.1). */
final class EventStreamAccept {
    private static final String TYPE = "text/event-stream";

    private EventStreamAccept() {}

    /**
     * Reads {@code Accept} fields.
     *
     * @param fields all of them
     * @return true if event streams are named, and nothing is wanted more
     */
    static boolean prefers(List<String> fields) {
        double stream = 0;
        double best = 0;
        for (String field : fields) {
            for (String range : field.split(",", -1)) {
                String[] parts = range.split(";", -1);
                double quality = quality(parts);
                if (parts[0].strip().toLowerCase(Locale.ROOT).equals(TYPE)) {
                    stream = Math.max(stream, quality);
                } else {
                    best = Math.max(best, quality);
                }
            }
        }
        return stream > 0 && stream >= best;
    }

    private static double quality(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip().toLowerCase(Locale.ROOT);
            if (parameter.startsWith("q=")) {
                try {
                    return Double.parseDouble(parameter.substring(2));
                } catch (NumberFormatException e) {
                    // A weight that is none asks for nothing.
                    return 0;
                }
            }
        }
        return 1;
    }
}
