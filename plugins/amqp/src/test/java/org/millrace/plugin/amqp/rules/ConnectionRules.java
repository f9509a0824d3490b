package org.millrace.plugin.amqp.rules;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.test.driver.codec.primitives.Symbol;
import org.apache.qpid.protonj2.test.driver.codec.transport.AMQPHeader;
import org.apache.qpid.protonj2.test.driver.codec.transport.Open;

/** Headers, open, limits, idling, close and sessions. */
final class ConnectionRules {
    private static final String OPEN = "open";
    private static final String IDLE = "idle time-out";
    private static final String SESSIONS = "sessions";

    private ConnectionRules() {}

    private static boolean offers(Open open, String... capabilities) {
        return List.of(open.getOfferedCapabilities())
                .containsAll(java.util.Arrays.stream(capabilities)
                        .map(Symbol::valueOf)
                        .toList());
    }

    static void add(Rules rules) {
        rules.add(
                OPEN, "a bare AMQP header is answered by one, an open by an open with the server's limits", server -> {
                    Peer peer = server.connected();
                    peer.script
                            .expectOpen()
                            .withPredicate(open -> open.getMaxFrameSize().intValue() == 131_072
                                    && open.getChannelMax().intValue() == 255
                                    && !open.getContainerId().isEmpty());
                    peer.script.remoteOpen().withContainerId("a").now();
                    peer.done();
                });
        rules.add(OPEN, "the server offers ANONYMOUS-RELAY and SHARED-SUBS", server -> {
            Peer peer = server.connected();
            peer.script.expectOpen().withPredicate(open -> offers(open, "ANONYMOUS-RELAY", "SHARED-SUBS"));
            peer.script.remoteOpen().withContainerId("a").now();
            peer.done();
        });
        rules.add(OPEN, "two connections may have the same container id", server -> {
            server.opened();
            server.opened().begin();
        });
        rules.add(OPEN, "a close is answered by a close and the end of the connection", server -> {
            Peer peer = server.opened();
            peer.script.expectClose();
            peer.script.remoteClose().now();
            peer.done();
            server.awaitNoConnection();
        });
        rules.add(OPEN, "a second open closes the connection", server -> {
            Peer peer = server.opened();
            peer.script.expectClose().withPredicate(close -> close.getError() != null);
            peer.script.remoteOpen().withContainerId("again").now();
            peer.done();
            server.awaitNoConnection();
        });
        rules.add(OPEN, "frames before open close the connection", server -> {
            Peer peer = server.connected();
            peer.script.expectOpen().optional();
            peer.script.expectClose().withPredicate(close -> close.getError() != null);
            peer.script
                    .remoteBegin()
                    .withNextOutgoingId(0)
                    .withIncomingWindow(1)
                    .withOutgoingWindow(1)
                    .onChannel(0)
                    .now();
            peer.done();
            server.awaitNoConnection();
        });
        rules.add(OPEN, "SASL ANONYMOUS leads to an outcome of ok and a new header", server -> {
            try (var script = new org.apache.qpid.protonj2.test.driver.ProtonTestClient()) {
                script.connect("127.0.0.1", server.port());
                script.expectSASLHeader();
                script.expectSaslMechanisms();
                script.expectSaslOutcome();
                script.expectAMQPHeader();
                script.remoteHeader(AMQPHeader.getSASLHeader()).now();
                script.remoteSaslInit().withMechanism("ANONYMOUS").now();
                script.waitForScriptToComplete(20, TimeUnit.SECONDS);
                script.expectOpen();
                script.remoteHeader(AMQPHeader.getAMQPHeader()).now();
                script.remoteOpen().withContainerId("a").now();
                script.waitForScriptToComplete(20, TimeUnit.SECONDS);
            }
        });
        rules.addStrict(IDLE, "the server tells half of its time-out", server -> {
            Peer peer = server.connected();
            peer.script
                    .expectOpen()
                    .withPredicate(open -> open.getIdleTimeOut().longValue() == RulesTest.IDLE_MILLIS / 2);
            peer.script.remoteOpen().withContainerId("a").now();
            peer.done();
        });
        rules.addStrict(
                IDLE, "a client that is silent for longer is closed with amqp:resource-limit-exceeded", server -> {
                    Peer peer = server.opened();
                    for (int i = 0; i < 10; i++) {
                        peer.script.expectEmptyFrame().optional();
                    }
                    peer.script
                            .expectClose()
                            .withPredicate(close -> close.getError() != null
                                    && String.valueOf(close.getError().getCondition())
                                            .equals("amqp:resource-limit-exceeded"));
                    peer.done();
                    server.awaitNoConnection();
                });
        rules.addStrict(IDLE, "a client that sends empty frames in time stays", server -> {
            Peer peer = server.opened();
            for (long waited = 0; waited < RulesTest.IDLE_MILLIS * 3 / 2; waited += 200) {
                TimeUnit.MILLISECONDS.sleep(200);
                peer.script.remoteEmptyFrame().now();
            }
            peer.begin();
        });
        rules.addStrict(OPEN, "a client that does not open in time is cut off", server -> {
            Peer peer = server.connected();
            peer.done();
            server.awaitNoConnection();
        });
        rules.addStrict(IDLE, "the server sends empty frames in time to a client that asks for it", server -> {
            Peer peer = server.connected();
            peer.script.expectOpen();
            peer.script.expectEmptyFrame();
            peer.script.expectEmptyFrame();
            peer.script.remoteOpen().withContainerId("a").withIdleTimeOut(400).now();
            peer.done();
        });
        rules.add(SESSIONS, "a begin is answered on its channel with a bounded window", server -> {
            Peer peer = server.opened();
            peer.script
                    .expectBegin()
                    .withRemoteChannel(7)
                    .withIncomingWindow(2048)
                    .withHandleMax(65_535);
            peer.script
                    .remoteBegin()
                    .withNextOutgoingId(0)
                    .withIncomingWindow(1)
                    .withOutgoingWindow(1)
                    .onChannel(7)
                    .now();
            peer.done();
        });
        rules.add(SESSIONS, "several sessions live side by side, and the end of one leaves the others", server -> {
            Peer peer = server.begun();
            peer.script.expectBegin();
            peer.script
                    .remoteBegin()
                    .withNextOutgoingId(0)
                    .withIncomingWindow(10)
                    .withOutgoingWindow(10)
                    .onChannel(1)
                    .now();
            peer.done();
            peer.script.expectEnd().onChannel(1);
            peer.script.remoteEnd().onChannel(1).now();
            peer.done();
            peer.expectAttached();
            peer.receiver("r", server.path()).onChannel(0).now();
            peer.done();
        });
        rules.add(SESSIONS, "a channel beyond channel-max closes the connection", server -> {
            Peer peer = server.opened();
            peer.script.expectClose().withPredicate(close -> close.getError() != null);
            peer.script
                    .remoteBegin()
                    .withNextOutgoingId(0)
                    .withIncomingWindow(1)
                    .withOutgoingWindow(1)
                    .onChannel(300)
                    .now();
            peer.done();
            server.awaitNoConnection();
        });
        rules.add(SESSIONS, "a handle beyond handle-max closes: amqp:connection:framing-error", server -> {
            Peer peer = server.begun();
            peer.script.expectClose().withError("amqp:connection:framing-error");
            peer.receiver("r", server.path()).withHandle(65_536).now();
            peer.done();
            server.awaitNoConnection();
        });
        rules.add(SESSIONS, "more links than the client's handle-max allows to answer end the session", server -> {
            Peer peer = server.opened();
            peer.script.expectBegin();
            peer.script
                    .remoteBegin()
                    .withNextOutgoingId(0)
                    .withIncomingWindow(10)
                    .withOutgoingWindow(10)
                    .withHandleMax(0)
                    .now();
            peer.done();
            peer.attach(peer.receiver("one", server.path()).withHandle(0));
            peer.script.expectEnd().withError("amqp:resource-limit-exceeded");
            peer.receiver("two", server.path()).withHandle(1).now();
            peer.done();
        });
        rules.add(SESSIONS, "what a connection had is let go of with it", server -> {
            Peer peer = server.begun();
            peer.attach(peer.receiver("r", server.path()));
            peer.close();
            server.awaitNoConnection();
        });
    }
}
