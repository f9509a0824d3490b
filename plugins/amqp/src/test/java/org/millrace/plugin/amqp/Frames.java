package org.millrace.plugin.amqp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;

/** Frames as bytes, for clients that misbehave. */
final class Frames {
    static final byte[] HEADER = HexFormat.of().parseHex("414d515000010000");
    static final byte[] SASL_HEADER = HexFormat.of().parseHex("414d515003010000");

    private Frames() {}

    static byte[] amqp(int channel, Object performative, byte... payload) {
        return frame(0, channel, encoded(performative), payload);
    }

    static byte[] frame(int type, int channel, byte[] body, byte... payload) {
        ByteBuffer out = ByteBuffer.allocate(8 + body.length + payload.length);
        out.putInt(out.capacity()).put((byte) 2).put((byte) type).putShort((short) channel);
        return out.put(body).put(payload).array();
    }

    static byte[] encoded(Object value) {
        DecoderImpl decoder = new DecoderImpl();
        EncoderImpl encoder = new EncoderImpl(decoder);
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
        ByteBuffer out = ByteBuffer.allocate(1 << 16);
        encoder.setByteBuffer(out);
        encoder.writeObject(value);
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    static byte[] open() {
        Open open = new Open();
        open.setContainerId("a");
        return amqp(0, open);
    }

    static byte[] begin(int channel) {
        Begin begin = new Begin();
        begin.setNextOutgoingId(UnsignedInteger.ZERO);
        begin.setIncomingWindow(UnsignedInteger.valueOf(1000));
        begin.setOutgoingWindow(UnsignedInteger.valueOf(1000));
        return amqp(channel, begin);
    }

    static byte[] attachSender(int handle, String address) {
        Attach attach = attach(handle, Role.SENDER);
        Target target = new Target();
        target.setAddress(address);
        attach.setTarget(target);
        attach.setSource(new Source());
        attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        return amqp(0, attach);
    }

    static byte[] attachReceiver(int handle, String address) {
        Attach attach = attach(handle, Role.RECEIVER);
        Source source = new Source();
        source.setAddress(address);
        attach.setSource(source);
        attach.setTarget(new Target());
        return amqp(0, attach);
    }

    private static Attach attach(int handle, Role role) {
        Attach attach = new Attach();
        attach.setName("link" + handle);
        attach.setHandle(UnsignedInteger.valueOf(handle));
        attach.setRole(role);
        return attach;
    }

    static byte[] transfer(int handle, int deliveryId, boolean more, byte... payload) {
        Transfer transfer = new Transfer();
        transfer.setHandle(UnsignedInteger.valueOf(handle));
        transfer.setDeliveryId(UnsignedInteger.valueOf(deliveryId));
        transfer.setDeliveryTag(new Binary(new byte[] {1}));
        transfer.setMore(more);
        return amqp(0, transfer, payload);
    }

    static byte[] together(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
