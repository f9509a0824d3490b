package org.millrace.plugin.mqtt;

import java.util.Arrays;
import java.util.Random;

/** Packets that are right, nearly right, and wrong in every way, from a source of randomness. For one thread. */
final class RandomPackets {
    private static final String[] TOPICS = {
        "a", "a/b", "$sys/x", "$SYS/#", "", "/", "a/+", "#", "$share/g/a", "$share/", "x".repeat(300), "\0", "\uFEFF"
    };
    private static final int[] ACKNOWLEDGEMENTS = {0x40, 0x50, 0x62, 0x70};

    private final Random random;

    RandomPackets(Random random) {
        this.random = random;
    }

    /** A CONNECT that is accepted, of either version, or begins to authenticate. */
    byte[] goodConnect() {
        String clientId = "fuzz" + random.nextInt(5);
        int flags = random.nextInt(4) == 0 ? 0 : Packets.CLEAN;
        return switch (random.nextInt(5)) {
            case 0, 1 -> Packets.connect4(clientId, flags);
            case 2 -> QuestionMechanism.connect(clientId, random.nextBoolean() ? "ann" : "hello");
            default ->
                Packets.connect5(
                        clientId,
                        flags,
                        Packets.properties(
                                Packets.property(0x21, Packets.u16(1 + random.nextInt(3))),
                                Packets.property(0x22, Packets.u16(random.nextInt(4))),
                                Packets.property(0x11, Packets.u32(random.nextInt(3)))));
        };
    }

    /** A CONNECT with any flags, properties and fields. */
    byte[] connect() {
        if (random.nextInt(3) > 0) {
            return goodConnect();
        }
        int level = 3 + random.nextInt(4);
        return altered(Packets.packet(
                0x10,
                Packets.utf(random.nextInt(8) == 0 ? "MQIsdp" : "MQTT"),
                Packets.bytes(level, random.nextInt(256)),
                Packets.u16(random.nextInt(100)),
                level == 5 ? properties() : Packets.bytes(),
                Packets.utf("fuzz"),
                level == 5 && random.nextBoolean() ? properties() : Packets.bytes(),
                Packets.utf(topic()),
                Packets.utf("will")));
    }

    /** A packet of any type that may be wrong. */
    byte[] next() {
        return switch (random.nextInt(10)) {
            case 0 -> random(random.nextInt(40));
            case 1 -> connect();
            case 2 -> Packets.packet(random.nextInt(256), random(random.nextInt(60)));
            default -> altered(good());
        };
    }

    /** A packet that follows the grammar, with any values. */
    byte[] good() {
        int id = 1 + random.nextInt(4);
        return switch (random.nextInt(9)) {
            case 0, 1 -> {
                int qos = random.nextInt(3);
                int flags = qos << 1 | (qos > 0 && random.nextBoolean() ? 8 : 0) | random.nextInt(2);
                yield Packets.publish5(flags, topic(), id, properties(), "{\"n\":" + random.nextInt() + "}");
            }
            case 2 -> Packets.publish4(random.nextInt(3) << 1, topic(), id, "word");
            case 3 -> Packets.subscribe5(id, properties(), topic(), random.nextInt(64));
            case 4 -> Packets.subscribe4(id, topic(), random.nextInt(3));
            case 5 -> Packets.packet(0xA2, Packets.u16(id), properties(), Packets.utf(topic()));
            case 6 -> Packets.acknowledgement(ACKNOWLEDGEMENTS[random.nextInt(ACKNOWLEDGEMENTS.length)], id);
            case 7 ->
                random.nextBoolean()
                        ? Packets.packet(0xF0, Packets.bytes(random.nextInt(256)), properties())
                        : QuestionMechanism.auth(0x18 + random.nextInt(2), random.nextBoolean() ? "ann" : "hello");
            default -> random.nextInt(8) == 0 ? Packets.DISCONNECT : Packets.PINGREQ;
        };
    }

    private String topic() {
        return TOPICS[random.nextInt(TOPICS.length)];
    }

    private byte[] properties() {
        byte[] all = {};
        for (int i = random.nextInt(3); i > 0; i--) {
            byte[] value = switch (random.nextInt(5)) {
                case 0 -> Packets.bytes(random.nextInt(3));
                case 1 -> Packets.u16(random.nextInt(70));
                case 2 -> Packets.u32(random.nextInt());
                case 3 -> Packets.utf(topic());
                default -> Packets.join(Packets.utf("k"), Packets.utf("v"));
            };
            all = Packets.join(all, Packets.property(random.nextInt(0x2C), value));
        }
        return Packets.properties(all);
    }

    private byte[] altered(byte[] packet) {
        byte[] altered = packet.clone();
        for (int i = random.nextInt(3); i > 0 && altered.length > 0; i--) {
            altered[random.nextInt(altered.length)] = (byte) random.nextInt();
        }
        return random.nextInt(6) == 0 ? Arrays.copyOf(altered, random.nextInt(altered.length + 1)) : altered;
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
