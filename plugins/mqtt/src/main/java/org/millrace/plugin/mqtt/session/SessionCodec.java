package org.millrace.plugin.mqtt.session;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.Exchange;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;
import org.millrace.plugin.mqtt.delivery.Flight;
import org.millrace.plugin.mqtt.delivery.GroupKey;
import org.millrace.plugin.mqtt.delivery.GroupState;
import org.millrace.plugin.mqtt.delivery.NoLocal;
import org.millrace.plugin.mqtt.delivery.Orphan;
import org.millrace.plugin.mqtt.delivery.Retirement;
import org.millrace.plugin.mqtt.delivery.SubscriptionOptions;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.plugin.mqtt.session.SessionState.Saved;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * Sessions as bytes and back. Each value begins with the number of its form, so that a later release knows what it reads.
 * Of a {@link Flight} the exchanges are written as differences, since it is written often and they mostly ascend by one.
 * Stateless, for any thread.
 */
final class SessionCodec {
    private static final int FORM = 1;
    private static final Stage[] STAGES = Stage.values();

    private final Contents contents;

    SessionCodec(Contents contents) {
        this.contents = contents;
    }

    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    private interface Reading<T> {
        T read(DataInputStream in) throws IOException;
    }

    private static byte[] encode(Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORM);
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    private static <T> T decode(byte[] value, Reading<T> body) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value))) {
            int form = in.readByte();
            if (form != FORM) {
                throw new IllegalArgumentException("it is of form " + form + ", which this release does not know");
            }
            return body.read(in);
        } catch (IOException e) {
            throw new IllegalArgumentException("it is cut off", e);
        }
    }

    byte[] header(SessionHeader header) {
        return encode(out -> {
            text(out, header.generation());
            text(out, header.identity().name());
            out.writeInt(header.identity().roles().size());
            for (String role : header.identity().roles()) {
                text(out, role);
            }
            text(out, header.via().protocol());
            text(out, header.via().remote());
            out.writeBoolean(header.via().secure());
            text(out, header.via().clientId());
            out.writeLong(header.expirySeconds());
            SessionHeader.Away away = header.away();
            out.writeLong(away == null ? 0 : away.leftMillis());
            if (away != null) {
                out.writeLong(away.willDelaySeconds());
                cursor(out, away.earliest());
            }
        });
    }

    static SessionHeader header(byte[] value) {
        return decode(value, in -> {
            String generation = text(in);
            String user = text(in);
            Set<String> roles = new HashSet<>();
            for (int i = in.readInt(); i > 0; i--) {
                roles.add(text(in));
            }
            ConnectionInfo via = new ConnectionInfo(text(in), text(in), in.readBoolean(), text(in));
            long expirySeconds = in.readLong();
            long leftMillis = in.readLong();
            SessionHeader.Away away = leftMillis == 0 || in.available() == 0
                    ? null
                    : new SessionHeader.Away(leftMillis, in.readLong(), cursor(in));
            return new SessionHeader(generation, new Identity(user, roles), via, expirySeconds, away);
        });
    }

    byte[] subscription(Saved saved) {
        return encode(out -> {
            SubscriptionOptions options = saved.options();
            text(out, options.filter());
            out.writeByte(options.qos());
            out.writeBoolean(options.noLocal());
            out.writeBoolean(options.retainAsPublished());
            out.writeInt(options.subscriptionId());
            text(out, options.format().name());
            text(out, options.query());
            cursor(out, saved.place().position());
            out.writeBoolean(saved.place().presentDue());
            Retirement retirement = saved.retirement();
            out.writeBoolean(retirement != null);
            if (retirement != null) {
                out.writeLong(retirement.upTo());
                out.writeInt(retirement.lastNumber());
            }
            number(out, saved.earlierNoLocal().size());
            for (NoLocal.Earlier earlier : saved.earlierNoLocal()) {
                number(out, earlier.place());
                out.writeBoolean(earlier.noLocal());
            }
        });
    }

    static Saved subscription(int number, byte[] value) {
        return decode(value, in -> {
            SubscriptionOptions options = new SubscriptionOptions(
                    text(in),
                    in.readByte(),
                    in.readBoolean(),
                    in.readBoolean(),
                    in.readInt(),
                    Format.named(text(in)),
                    text(in));
            Flight.Place place = new Flight.Place(cursor(in), in.readBoolean(), List.of());
            Retirement retirement = in.readBoolean() ? new Retirement(in.readLong(), in.readInt()) : null;
            List<NoLocal.Earlier> noLocal = new ArrayList<>(0);
            for (long i = in.available() == 0 ? 0 : number(in); i > 0; i--) {
                noLocal.add(new NoLocal.Earlier(number(in), in.readBoolean()));
            }
            return new Saved(number, options, place, noLocal, retirement);
        });
    }

    byte[] flight(Flight flight) {
        return encode(out -> {
            number(out, flight.places().size());
            for (Map.Entry<Integer, Flight.Place> entry : flight.places().entrySet()) {
                number(out, entry.getKey());
                cursor(out, entry.getValue().position());
                out.writeBoolean(entry.getValue().presentDue());
                List<Exchange> exchanges = entry.getValue().exchanges();
                number(out, exchanges.size());
                long seq = 0;
                int packetId = 0;
                for (Exchange exchange : exchanges) {
                    out.writeByte(exchange.stage().ordinal() << 2 | exchange.qos());
                    signed(out, exchange.seq() - seq);
                    signed(out, exchange.packetId() - packetId);
                    seq = exchange.seq();
                    packetId = exchange.packetId();
                }
            }
            number(out, flight.orphans().size());
            for (Orphan orphan : flight.orphans()) {
                orphan(out, orphan);
            }
        });
    }

    static Flight flight(byte[] value) {
        return decode(value, in -> {
            Map<Integer, Flight.Place> places = new LinkedHashMap<>();
            for (long i = number(in); i > 0; i--) {
                int number = (int) number(in);
                Cursor position = cursor(in);
                boolean presentDue = in.readBoolean();
                int count = (int) number(in);
                List<Exchange> exchanges = new ArrayList<>(count);
                long seq = 0;
                long packetId = 0;
                for (int e = 0; e < count; e++) {
                    int head = in.readByte();
                    seq += signed(in);
                    packetId += signed(in);
                    exchanges.add(new Exchange(STAGES[head >> 2], (int) packetId, head & 3, seq));
                }
                places.put(number, new Flight.Place(position, presentDue, exchanges));
            }
            int count = (int) number(in);
            List<Orphan> orphans = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                orphans.add(orphan(in));
            }
            return new Flight(places, orphans);
        });
    }

    private static void orphan(DataOutputStream out, Orphan orphan) throws IOException {
        Exchange exchange = orphan.exchange();
        out.writeByte(exchange.stage().ordinal() << 2 | exchange.qos());
        number(out, exchange.packetId());
        out.writeBoolean(orphan.retain());
        text(out, orphan.format().name());
        number(out, orphan.subscriptionIds().size());
        for (int id : orphan.subscriptionIds()) {
            number(out, id);
        }
        Path path = orphan.path();
        out.writeBoolean(path != null);
        if (path != null) {
            text(out, path.toString());
        }
        text(out, orphan.version().toString());
        cursor(out, orphan.place());
    }

    private static Orphan orphan(DataInputStream in) throws IOException {
        int head = in.readByte();
        int packetId = (int) number(in);
        boolean retain = in.readBoolean();
        Format format = Format.named(text(in));
        int count = (int) number(in);
        List<Integer> ids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ids.add((int) number(in));
        }
        Path path = in.readBoolean() ? Path.of(text(in)) : null;
        Version version = Version.parse(text(in));
        Cursor place = cursor(in);
        if (place == null) {
            throw new IllegalArgumentException("an orphan has no place");
        }
        Exchange exchange = new Exchange(STAGES[head >> 2], packetId, head & 3, place.position());
        return new Orphan(exchange, retain, format, ids, path, version, place);
    }

    static byte[] group(GroupKey key, GroupState state) {
        return encode(out -> {
            text(out, key.user());
            text(out, key.share());
            text(out, key.filter().toString());
            cursor(out, state.taken());
            number(out, state.open().size());
            long seq = 0;
            for (Map.Entry<Long, String> entry : state.open().entrySet()) {
                number(out, entry.getKey() - seq);
                text(out, entry.getValue());
                seq = entry.getKey();
            }
        });
    }

    static void group(byte[] value, BiConsumer<GroupKey, GroupState> then) {
        Map.Entry<GroupKey, GroupState> group = decode(value, in -> {
            GroupKey key = new GroupKey(text(in), text(in), TopicFilter.of(text(in)));
            Cursor taken = cursor(in);
            if (taken == null) {
                throw new IllegalArgumentException("a group has no place");
            }
            SortedMap<Long, String> open = new TreeMap<>();
            long seq = 0;
            for (long i = number(in); i > 0; i--) {
                seq += number(in);
                open.put(seq, text(in));
            }
            return Map.entry(key, new GroupState(taken, open));
        });
        then.accept(group.getKey(), group.getValue());
    }

    byte[] will(Will will) {
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

    Will will(byte[] value) {
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

    private static void cursor(DataOutputStream out, @Nullable Cursor cursor) throws IOException {
        out.writeBoolean(cursor != null);
        if (cursor != null) {
            out.writeLong(cursor.node());
            number(out, cursor.position());
        }
    }

    private static @Nullable Cursor cursor(DataInputStream in) throws IOException {
        return in.readBoolean() ? new Cursor(in.readLong(), number(in)) : null;
    }

    /** Texts may be longer than {@link DataOutputStream#writeUTF} takes. */
    private static void text(DataOutputStream out, String text) throws IOException {
        bytes(out, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(bytes(in), java.nio.charset.StandardCharsets.UTF_8);
    }

    private static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
        number(out, bytes.length);
        out.write(bytes);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        int length = (int) number(in);
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new java.io.EOFException();
        }
        return bytes;
    }

    private static void signed(DataOutputStream out, long value) throws IOException {
        number(out, value << 1 ^ value >> 63);
    }

    private static long signed(DataInputStream in) throws IOException {
        long zigzag = number(in);
        return zigzag >>> 1 ^ -(zigzag & 1);
    }

    private static void number(DataOutputStream out, long value) throws IOException {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.writeByte((int) rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }

    private static long number(DataInputStream in) throws IOException {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int digit = in.readByte();
            value |= (long) (digit & 0x7f) << shift;
            if (digit >= 0) {
                return value;
            }
            if (shift == 63) {
                throw new IllegalArgumentException("a number is too long");
            }
        }
    }
}
