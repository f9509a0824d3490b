package org.millrace.plugin.amqp.rules;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.proton.codec.ReadableBuffer;
import org.apache.qpid.proton.message.Message;
import org.apache.qpid.protonj2.test.driver.ProtonTestClient;
import org.apache.qpid.protonj2.test.driver.actions.AttachInjectAction;
import org.apache.qpid.protonj2.test.driver.actions.TransferInjectAction;
import org.apache.qpid.protonj2.test.driver.codec.transport.AMQPHeader;
import org.apache.qpid.protonj2.test.driver.expectations.AttachExpectation;
import org.apache.qpid.protonj2.test.driver.expectations.TransferExpectation;
import org.hamcrest.CustomTypeSafeMatcher;
import org.hamcrest.Matcher;

/**
 * A scripted client. Whatever the server sends has to be expected before it is provoked, and everything that was expected
 * has to come before {@link #done}.
 */
final class Peer implements AutoCloseable {
    private static final long SECONDS = 20;

    final ProtonTestClient script = new ProtonTestClient();

    Peer(int port) throws Exception {
        script.connect("127.0.0.1", port);
        script.expectAMQPHeader();
        script.remoteHeader(AMQPHeader.getAMQPHeader()).now();
        done();
    }

    /** Waits until all that was expected has come. */
    Peer done() {
        script.waitForScriptToComplete(SECONDS, TimeUnit.SECONDS);
        return this;
    }

    Peer open(String container) {
        script.expectOpen();
        script.remoteOpen().withContainerId(container).now();
        return done();
    }

    Peer begin() {
        script.expectBegin();
        script.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(2048)
                .withOutgoingWindow(2048)
                .now();
        return done();
    }

    /** Attaches a sender that names no target. */
    void attachSenderWithoutTarget(String link) {
        script.remoteAttach()
                .ofSender()
                .withName(link)
                .withInitialDeliveryCount(0)
                .withSource()
                .withAddress("here")
                .and()
                .withNullTarget()
                .now();
    }

    /** The attach of a receiver that is not sent yet. */
    AttachInjectAction receiver(String link, String address) {
        return script.remoteAttach()
                .ofReceiver()
                .withName(link)
                .withSource()
                .withAddress(address)
                .and()
                .withTarget()
                .withAddress("here")
                .and();
    }

    /** The attach of a sender that is not sent yet. */
    AttachInjectAction sender(String link, String address) {
        return script.remoteAttach()
                .ofSender()
                .withName(link)
                .withInitialDeliveryCount(0)
                .withSource()
                .withAddress("here")
                .and()
                .withTarget()
                .withAddress(address)
                .and();
    }

    /** Attaches, and expects to be attached and nothing else. */
    Peer attach(AttachInjectAction attach) {
        expectAttached();
        attach.now();
        return done();
    }

    /** Attaches a sender, and expects credit. */
    Peer attachSender(String link, String address) {
        expectAttached();
        script.expectFlow().withPredicate(flow -> flow.getLinkCredit().intValue() > 0);
        sender(link, address).now();
        return done();
    }

    AttachExpectation expectAttached() {
        return script.expectAttach().withPredicate(attach -> attach.getSource() != null && attach.getTarget() != null);
    }

    /** Gives credit, after what is expected of it was said. */
    Peer credit(int credit) {
        script.remoteFlow().withLinkCredit(credit).withDeliveryCount(0).now();
        return done();
    }

    Peer credit(int credit, int deliveryCount) {
        script.remoteFlow()
                .withLinkCredit(credit)
                .withDeliveryCount(deliveryCount)
                .now();
        return done();
    }

    /** Detaches the link attached last, keeping its terminus, and expects the same of the server. */
    Peer detach() {
        script.expectDetach();
        script.remoteDetach().withClosed(false).now();
        return done();
    }

    /** Expects that a delivery is accepted and settled. */
    void expectAccepted(int delivery) {
        script.expectDisposition()
                .withFirst(delivery)
                .withSettled(true)
                .withState()
                .accepted();
    }

    TransferExpectation expectMessage(String text) {
        return script.expectTransfer().withPayload(holding(text));
    }

    /** A transfer that is not sent yet. */
    TransferInjectAction transfer(int deliveryId, String text) {
        return script.remoteTransfer()
                .withDeliveryId(deliveryId)
                .withDeliveryTag(new byte[] {(byte) deliveryId})
                .withPayload(message(text));
    }

    /** An amqp-value section with a short text. */
    static byte[] message(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(5 + utf8.length);
        out.put(new byte[] {0, 0x53, 0x77, (byte) 0xa1}).put((byte) utf8.length).put(utf8);
        return out.array();
    }

    static Matcher<ByteBuffer> holding(String text) {
        return new CustomTypeSafeMatcher<>("a payload that holds '" + text + "'") {
            @Override
            protected boolean matchesSafely(ByteBuffer payload) {
                byte[] bytes = new byte[payload.remaining()];
                payload.duplicate().get(bytes);
                return new String(bytes, StandardCharsets.ISO_8859_1).contains(text);
            }
        };
    }

    /** A message whose header has a delivery count. */
    static Matcher<ByteBuffer> deliveredBefore(long times) {
        return new CustomTypeSafeMatcher<>("a message with delivery count " + times) {
            @Override
            protected boolean matchesSafely(ByteBuffer payload) {
                Message message = Message.Factory.create();
                message.decode(ReadableBuffer.ByteBufferReader.wrap(payload.duplicate()));
                return message.getDeliveryCount() == times;
            }
        };
    }

    /** Lets time pass in which nothing unexpected may come. */
    Peer quiet() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(150);
        return done();
    }

    @Override
    public void close() {
        script.close();
    }
}
