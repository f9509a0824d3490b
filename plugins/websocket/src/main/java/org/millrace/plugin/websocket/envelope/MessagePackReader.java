package org.millrace.plugin.websocket.envelope;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/** MessagePack, by msgpack-core. */
final class MessagePackReader implements EnvelopeReader {
    @Override
    public Map<String, Slot> map(byte[] bytes) {
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(bytes)) {
            if (!unpacker.hasNext() || !unpacker.getNextFormat().getValueType().isMapType()) {
                throw EnvelopeReader.malformed("it must be a map in MessagePack");
            }
            int count = checked(unpacker.unpackMapHeader());
            Map<String, Slot> fields = new LinkedHashMap<>();
            for (int i = 0; i < count; i++) {
                String name = unpacker.unpackString();
                if (fields.put(name, slot(unpacker, bytes, !name.equals(Envelope.VALUE))) != null) {
                    throw EnvelopeReader.malformed("a field comes twice");
                }
            }
            checkEnd(unpacker);
            return fields;
        } catch (MessagePackException | IOException e) {
            throw EnvelopeReader.malformed("it is no complete MessagePack");
        }
    }

    @Override
    public List<Slot> list(byte[] bytes) {
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(bytes)) {
            if (!unpacker.hasNext() || !unpacker.getNextFormat().getValueType().isArrayType()) {
                throw EnvelopeReader.malformed("a list is expected");
            }
            int count = checked(unpacker.unpackArrayHeader());
            List<Slot> elements = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                elements.add(slot(unpacker, bytes, true));
            }
            checkEnd(unpacker);
            return elements;
        } catch (MessagePackException | IOException e) {
            throw EnvelopeReader.malformed("it is no complete MessagePack");
        }
    }

    private static int checked(int count) {
        if (count < 0 || count > MOST) {
            throw EnvelopeReader.malformed("it has more than " + MOST + " fields or elements");
        }
        return count;
    }

    private static void checkEnd(MessageUnpacker unpacker) throws IOException {
        if (unpacker.hasNext()) {
            throw EnvelopeReader.malformed("something follows its end");
        }
    }

    private static Slot slot(MessageUnpacker unpacker, byte[] bytes, boolean own) throws IOException {
        int from = (int) unpacker.getTotalReadBytes();
        MessageFormat format = unpacker.getNextFormat();
        Object scalar = own ? scalar(unpacker, format) : null;
        if (unpacker.getTotalReadBytes() == from) {
            unpacker.skipValue();
        }
        return new Slot(bytes, from, (int) unpacker.getTotalReadBytes(), scalar, format == MessageFormat.NIL);
    }

    private static @Nullable Object scalar(MessageUnpacker unpacker, MessageFormat format) throws IOException {
        return switch (format.getValueType()) {
            case STRING -> unpacker.unpackString();
            case INTEGER -> format == MessageFormat.UINT64 ? null : (Object) unpacker.unpackLong();
            case FLOAT -> JacksonReader.whole(unpacker.unpackDouble());
            case BOOLEAN -> unpacker.unpackBoolean();
            case BINARY -> unpacker.readPayload(unpacker.unpackBinaryHeader());
            case NIL, ARRAY, MAP, EXTENSION -> null;
        };
    }
}
