package org.millrace.plugin.amqp.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;

/** A close frame (AMQP 1.0 sections 2.3 and 2.7.9) that is written beside the engine. */
final class CloseFrame {
    private static final int HEADER = 8;
    private static final int MAX_DESCRIPTION = 256;
    private static final int MAX_FRAME = 2048;

    private CloseFrame() {}

    static ByteBuf of(ErrorCondition condition) {
        String description = String.valueOf(condition.getDescription());
        ErrorCondition shortened = new ErrorCondition(
                condition.getCondition(), description.substring(0, Math.min(description.length(), MAX_DESCRIPTION)));
        Close close = new Close();
        close.setError(shortened);
        DecoderImpl decoder = new DecoderImpl();
        EncoderImpl encoder = new EncoderImpl(decoder);
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
        ByteBuffer frame = ByteBuffer.allocate(MAX_FRAME);
        frame.position(HEADER);
        encoder.setByteBuffer(frame);
        encoder.writeObject(close);
        frame.flip();
        frame.putInt(0, frame.limit());
        frame.put(4, (byte) 2); // the data begins after two words
        return Unpooled.wrappedBuffer(frame);
    }
}
