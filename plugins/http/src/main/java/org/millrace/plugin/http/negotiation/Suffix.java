package org.millrace.plugin.http.negotiation;

import java.util.Optional;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;

/**
 * A format asked for by the end of a path, as in {@code /sensors/hall.cbor}, for clients that cannot set {@code Accept}.
 * It is looked at in reads only, and only where no record has the path as it stands.
 *
 * @param path the path without the suffix
 * @param type the format asked for
 */
public record Suffix(Path path, MediaType type) {
    /**
     * Takes a path apart.
     *
     * @param path any path
     * @return empty if it ends in no suffix of a format, or is nothing but one
     */
    public static Optional<Suffix> of(Path path) {
        String text = path.toString();
        int dot = text.lastIndexOf('.');
        if (dot <= 0 || text.charAt(dot - 1) == '/') {
            return Optional.empty();
        }
        MediaType type = switch (text.substring(dot)) {
            case ".json" -> MediaType.JSON;
            case ".cbor" -> MediaType.CBOR;
            case ".msgpack" -> MediaType.MSGPACK;
            default -> null;
        };
        return type == null ? Optional.empty() : Optional.of(new Suffix(Path.of(text.substring(0, dot)), type));
    }
}
