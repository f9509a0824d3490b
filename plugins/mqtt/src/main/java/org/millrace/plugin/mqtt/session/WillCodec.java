package org.millrace.plugin.mqtt.session;

import static org.millrace.plugin.mqtt.session.KeptForm.bytes;
import static org.millrace.plugin.mqtt.session.KeptForm.decode;
import static org.millrace.plugin.mqtt.session.KeptForm.encode;
import static org.millrace.plugin.mqtt.session.KeptForm.text;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** Wills as bytes and back. Stateless, for any thread. */
final class WillCodec {
    private final Contents contents;

    WillCodec(Contents contents) {
        this.contents = contents;
    }

    static byte[] encoded(Will will) {
        return encode(out -> {
            out.writeLong(will.delaySeconds());
            out.writeLong(will.expirySeconds());
            Write write = will.write();
            text(out, write.path().toString());
            WriteOptions options = write.options();
            out.writeByte(options.qos().ordinal());
            text(out, options.durability().name());
            out.writeInt(options.properties().list().size());
            for (Properties.Property property : options.properties().list()) {
                text(out, property.name());
                switch (property) {
                    case Properties.Text text -> {
                        out.writeBoolean(true);
                        text(out, text.value());
                    }
                    case Properties.Binary binary -> {
                        out.writeBoolean(false);
                        bytes(out, binary.value());
                    }
                }
            }
            switch (write) {
                case Write.Put put -> content(out, 'u', put.content());
                case Write.Patch patch -> content(out, 'a', patch.patch());
                case Write.Publish publish -> content(out, 'e', publish.content());
                case Write.Delete _ -> out.writeByte('d');
            }
        });
    }

    Will decoded(byte[] value) {
        return decode(value, in -> {
            long delay = in.readLong();
            long expiry = in.readLong();
            Path path = Path.of(text(in));
            Qos qos = Qos.values()[in.readByte()];
            Durability durability = Durability.valueOf(text(in));
            List<Properties.Property> properties = new ArrayList<>();
            for (int i = in.readInt(); i > 0; i--) {
                String name = text(in);
                properties.add(
                        in.readBoolean()
                                ? new Properties.Text(name, text(in))
                                : new Properties.Binary(name, bytes(in)));
            }
            WriteOptions options =
                    new WriteOptions(Precondition.NONE, Properties.of(properties), WriteOptions.NEVER, qos, durability);
            int kind = in.readByte();
            Write write = switch (kind) {
                case 'u' -> new Write.Put(path, content(in), options);
                case 'a' -> new Write.Patch(path, content(in), options);
                case 'e' -> new Write.Publish(path, content(in), options);
                case 'd' -> new Write.Delete(path, options);
                default -> throw new IllegalArgumentException("a will cannot be of kind " + kind);
            };
            return new Will(write, delay, expiry);
        });
    }

    private static void content(DataOutputStream out, char kind, Content content) throws IOException {
        out.writeByte(kind);
        text(out, content.mediaType().name());
        bytes(out, content.toByteArray());
    }

    private Content content(DataInputStream in) throws IOException {
        MediaType type = MediaType.parse(text(in));
        return contents.of(type, bytes(in));
    }
}
