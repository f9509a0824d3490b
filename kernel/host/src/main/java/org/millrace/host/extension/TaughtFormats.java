package org.millrace.host.extension;

import java.util.function.UnaryOperator;
import org.millrace.content.ContentFormats;
import org.millrace.spi.content.ContentFormat;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Teaches the host the content formats that plugins offer, and lets go of them when the plugins stop. */
public final class TaughtFormats implements Extensions.Consumer<ContentFormat> {
    private static final Logger log = LoggerFactory.getLogger(TaughtFormats.class);

    private final ContentFormats formats;

    /**
     * Starts without any.
     *
     * @param formats makes the host's contents
     */
    public TaughtFormats(ContentFormats formats) {
        this.formats = formats;
    }

    @Override
    public void added(String pluginId, ContentFormat format) {
        try {
            formats.teach(new Watched(pluginId, format));
            log.info("Plugin {} reads and writes {}", pluginId, format.mediaType());
        } catch (IllegalArgumentException refused) {
            log.warn("The content format that plugin {} offers is not used: {}", pluginId, refused.getMessage());
        }
    }

    @Override
    public void removed(String pluginId, ContentFormat format) {
        formats.forget(new Watched(pluginId, format));
    }

    /** Tells the log, with the plugin's name, of exceptions that are a defect and no refusal. */
    private record Watched(String pluginId, ContentFormat format) implements ContentFormat {
        @Override
        public MediaType mediaType() {
            return format.mediaType();
        }

        @Override
        public MediaType model() {
            return format.model();
        }

        @Override
        public byte[] decode(byte[] bytes) {
            return watch(bytes, format::decode, "reading");
        }

        @Override
        public byte[] encode(byte[] model) {
            return watch(model, format::encode, "writing");
        }

        private byte[] watch(byte[] given, UnaryOperator<byte[]> codec, String doing) {
            try {
                return codec.apply(given);
            } catch (IllegalArgumentException | ResourceException refusal) {
                throw refusal;
            } catch (RuntimeException | LinkageError | StackOverflowError defect) {
                log.warn("Plugin {} failed at {} {} bytes for {}", pluginId, doing, given.length, mediaType(), defect);
                throw defect;
            }
        }
    }
}
