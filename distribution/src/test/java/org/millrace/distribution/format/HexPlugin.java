package org.millrace.distribution.format;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.millrace.spi.content.ContentFormat;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;

/** Teaches the host {@code text/x-hex}: JSON text as hexadecimal digits. */
public final class HexPlugin implements Plugin {
    @Override
    public void start(PluginContext context) {
        context.extensions().offer(ContentFormat.POINT, new Hex());
    }

    private static final class Hex implements ContentFormat {
        private static final MediaType TYPE = new MediaType("text/x-hex");

        @Override
        public MediaType mediaType() {
            return TYPE;
        }

        @Override
        public byte[] decode(byte[] bytes) {
            return HexFormat.of().parseHex(new String(bytes, StandardCharsets.US_ASCII));
        }

        @Override
        public byte[] encode(byte[] model) {
            return HexFormat.of().formatHex(model).getBytes(StandardCharsets.US_ASCII);
        }
    }
}
