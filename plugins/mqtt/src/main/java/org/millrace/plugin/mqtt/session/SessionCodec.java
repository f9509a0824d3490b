package org.millrace.plugin.mqtt.session;

import static org.millrace.plugin.mqtt.session.KeptForm.cursor;
import static org.millrace.plugin.mqtt.session.KeptForm.decode;
import static org.millrace.plugin.mqtt.session.KeptForm.encode;
import static org.millrace.plugin.mqtt.session.KeptForm.number;
import static org.millrace.plugin.mqtt.session.KeptForm.signed;
import static org.millrace.plugin.mqtt.session.KeptForm.text;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.millrace.plugin.mqtt.delivery.Exchange;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;
import org.millrace.plugin.mqtt.delivery.Flight;
import org.millrace.plugin.mqtt.delivery.NoLocal;
import org.millrace.plugin.mqtt.delivery.Orphan;
import org.millrace.plugin.mqtt.delivery.Retirement;
import org.millrace.plugin.mqtt.delivery.SubscriptionOptions;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.plugin.mqtt.session.SessionState.Saved;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;

/**
 * Sessions, but for their wills, as bytes and back. Of a {@link Flight} the exchanges are written as differences, since it
 * is written often and they mostly ascend by one. Stateless, for any thread.
 */
final class SessionCodec {
    private static final Stage[] STAGES = Stage.values();

    private SessionCodec() {}

    static byte[] header(SessionHeader header) {
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

    static byte[] subscription(Saved saved) {
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

    static byte[] flight(Flight flight) {
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
}
