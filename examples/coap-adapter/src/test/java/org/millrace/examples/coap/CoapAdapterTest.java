package org.millrace.examples.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.millrace.examples.coap.Peer.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.testkit.InMemoryHost;

class CoapAdapterTest {
    private final InMemoryHost host = InMemoryHost.create();
    private Peer peer;

    @BeforeEach
    void start() throws Exception {
        host.start("coap", new CoapPlugin(), Map.of("max-body", "4KiB"));
        peer = new Peer(host.address("coap"));
    }

    @AfterEach
    void stop() throws Exception {
        peer.close();
        host.close();
    }

    private String record(String path) {
        return host.record(path)
                .map(found -> new String(found.content().toByteArray()))
                .orElse("none");
    }

    @Test
    void aRecordIsWrittenReadAndDeleted() throws IOException {
        assertThat(peer.code(peer.get("sensors/hall"))).isEqualTo("4.04");
        assertThat(peer.code(peer.put("sensors/hall", "{\"temp\":21}"))).isEqualTo("2.01");
        assertThat(peer.code(peer.put("sensors/hall", "{\"temp\":22}"))).isEqualTo("2.04");
        assertThat(record("sensors/hall")).isEqualTo("{\"temp\":22}");
        Response read = peer.ask(peer.get("sensors/hall"));
        assertThat(read.getCode().text).isEqualTo("2.05");
        assertThat(read.getOptions().getContentFormat()).isEqualTo(50);
        assertThat(text(read)).isEqualTo("{\"temp\":22}");
        assertThat(peer.code(peer.request(Code.DELETE, "sensors/hall"))).isEqualTo("2.02");
        assertThat(record("sensors/hall")).isEqualTo("none");
        assertThat(peer.code(peer.request(Code.DELETE, "sensors/hall"))).isEqualTo("2.02");
    }

    private Response discover(String... filters) throws IOException {
        Request request = peer.get(".well-known/core");
        for (String filter : filters) {
            request.getOptions().addUriQuery(filter);
        }
        return peer.ask(request);
    }

    @Test
    void theRecordsOfATableAreDiscovered() throws IOException {
        peer.ask(peer.put("sensors/hall", "{}"));
        Request text = peer.request(Code.PUT, "sensors/north wing,\u00e9");
        text.setPayload("x");
        peer.ask(text);
        peer.ask(peer.put("other/x", "{}"));

        Response found = discover("href=/sensors/*", "rt=ignored");

        assertThat(found.getOptions().getContentFormat()).isEqualTo(40);
        assertThat(text(found))
                .isEqualTo("</sensors/hall>;rt=\"millrace.record\";obs;ct=50,"
                        + "</sensors/north%20wing,%C3%A9>;rt=\"millrace.record\";obs;ct=42");
        assertThat(text(discover("href=/none/*"))).isEmpty();
        assertThat(peer.code(peer.observe(".well-known/core")))
                .as("a single answer")
                .isEqualTo("2.05");
    }

    @Test
    void moreLinksThanAreAllowedAreRefused() throws IOException {
        for (int i = 0; i <= 200; i++) {
            host.resources().put(Path.of("many/" + i), host.contents().detect(new byte[] {'1'}), WriteOptions.DEFAULT);
        }
        assertThat(discover("href=/many/*").getCode().text).isEqualTo("4.13");
        assertThat(discover("href=/many/1*").getCode().text).isEqualTo("4.00");
        Request json = peer.get(".well-known/core");
        json.getOptions().setAccept(50);
        assertThat(peer.code(json)).isEqualTo("4.06");
    }

    @Test
    void whoHasTheContentIsToldSoAndNotSentIt() throws IOException {
        byte[] tag = peer.ask(peer.put("t/1", "1")).getOptions().getETags().getFirst();
        Request again = peer.get("t/1");
        again.getOptions().addETag(tag);

        Response response = peer.ask(again);

        assertThat(tag).hasSize(8);
        assertThat(response.getCode().text).isEqualTo("2.03");
        assertThat(response.getPayloadSize()).isZero();
        assertThat(response.getOptions().getETags().getFirst()).isEqualTo(tag);
    }

    @Test
    void preconditionsHoldOrRefuse() throws IOException {
        Request create = peer.put("t/1", "1");
        create.getOptions().setIfNoneMatch(true);
        byte[] first = peer.ask(create).getOptions().getETags().getFirst();
        Request createAgain = peer.put("t/1", "2");
        createAgain.getOptions().setIfNoneMatch(true);
        assertThat(peer.code(createAgain)).isEqualTo("4.12");

        Request update = peer.put("t/1", "3");
        update.getOptions().addIfMatch(first);
        assertThat(peer.code(update)).isEqualTo("2.04");
        Request stale = peer.put("t/1", "4");
        stale.getOptions().addIfMatch(first);
        assertThat(peer.code(stale)).isEqualTo("4.12");
        Request any = peer.put("t/none", "5");
        any.getOptions().addIfMatch(new byte[0]);
        assertThat(peer.code(any)).isEqualTo("4.12");
        assertThat(record("t/1")).isEqualTo("3");
    }

    @Test
    void whatHasNoFormatIsFoundOutAndWhatHasAnUnknownOneRefused() throws IOException {
        Request text = peer.put("t/1", "no JSON");
        text.getOptions().removeContentFormat();
        assertThat(peer.code(text)).isEqualTo("2.01");
        assertThat(peer.ask(peer.get("t/1")).getOptions().getContentFormat()).isEqualTo(42);
        Request broken = peer.put("t/2", "{");
        assertThat(peer.code(broken)).isEqualTo("4.00");
        Request unknown = peer.put("t/2", "1");
        unknown.getOptions().setContentFormat(11_542);
        assertThat(peer.code(unknown)).isEqualTo("4.15");
        Request xml = peer.get("t/1");
        xml.getOptions().setAccept(41);
        assertThat(peer.code(xml)).isEqualTo("4.06");
    }

    @Test
    void postMakesARecordInATableAndAMessageElsewhere() throws Exception {
        Request create = peer.request(Code.POST, "orders/");
        create.setPayload("{\"n\":1}");
        Response created = peer.ask(create);
        assertThat(created.getCode().text).isEqualTo("2.01");
        assertThat(record(created.getOptions().getLocationPathString())).isEqualTo("{\"n\":1}");

        List<String> heard = new ArrayList<>();
        host.resources()
                .subscribe(SubscribeRequest.every(TopicFilter.of("alarms/#"), Start.NOW), new Listening(heard))
                .request(10);
        Request message = peer.request(Code.POST, "alarms/door");
        message.setPayload("\"open\"");
        assertThat(peer.code(message)).isEqualTo("2.04");
        await().untilAsserted(() -> assertThat(heard).containsExactly("EVENT alarms/door \"open\""));
        assertThat(record("alarms/door")).isEqualTo("none");
    }

    @Test
    void aRequestThatComesTwiceIsCarriedOutOnce() throws IOException {
        Request create = peer.request(Code.POST, "orders/");
        create.setPayload("1");

        Response first = peer.ask(create);
        Response again = peer.ask(create);

        assertThat(again.getOptions().getLocationPathString())
                .isEqualTo(first.getOptions().getLocationPathString());
        assertThat(host.records()).hasSize(1);
    }

    @Test
    void aContentGoesInBlocksBothWays() throws IOException {
        String json = "\"" + "x".repeat(1500) + "\"";
        Request first = peer.put("t/1", json.substring(0, 1024));
        first.getOptions().setBlock1(6, true, 0);
        assertThat(peer.code(first)).isEqualTo("2.31");
        Request last = peer.put("t/1", json.substring(1024));
        last.getOptions().setBlock1(6, false, 1);
        assertThat(peer.code(last)).isEqualTo("2.01");
        assertThat(record("t/1")).isEqualTo(json);

        Response one = peer.ask(peer.get("t/1"));
        assertThat(one.getOptions().getBlock2().isM()).isTrue();
        Request rest = peer.get("t/1");
        rest.getOptions().setBlock2(6, false, 1);
        Response two = peer.ask(rest);
        assertThat(text(one) + text(two)).isEqualTo(json);
        assertThat(two.getOptions().getETags().getFirst())
                .isEqualTo(one.getOptions().getETags().getFirst());
    }

    @Test
    void aContentBeyondTheLimitIsRefusedInOneDatagramAndInBlocksAndAtReading() throws Exception {
        assertThat(peer.code(peer.put("t/1", "\"" + "x".repeat(5000) + "\""))).isEqualTo("4.13");
        Request announced = peer.put("t/1", "\"" + "x".repeat(1023));
        announced.getOptions().setBlock1(6, true, 0);
        announced.getOptions().setSize1(5000);
        assertThat(peer.code(announced)).isEqualTo("4.13");
        host.resources()
                .put(Path.of("t/2"), host.contents().of(MediaType.TEXT, new byte[5000]), WriteOptions.DEFAULT)
                .toCompletableFuture()
                .join();
        assertThat(peer.code(peer.get("t/2"))).isEqualTo("4.13");
        assertThat(host.records()).hasSize(1);
    }

    @Test
    void eachErrorHasItsCode() throws IOException {
        Map<ErrorCode, String> expected = new EnumMap<>(Map.ofEntries(
                Map.entry(ErrorCode.INVALID, "4.00"),
                Map.entry(ErrorCode.UNSUPPORTED, "4.15"),
                Map.entry(ErrorCode.TOO_LARGE, "4.13"),
                Map.entry(ErrorCode.UNAUTHENTICATED, "4.01"),
                Map.entry(ErrorCode.FORBIDDEN, "4.03"),
                Map.entry(ErrorCode.NOT_FOUND, "4.04"),
                Map.entry(ErrorCode.CONFLICT, "4.09"),
                Map.entry(ErrorCode.PRECONDITION_FAILED, "4.12"),
                Map.entry(ErrorCode.EXPIRED_CURSOR, "4.04"),
                Map.entry(ErrorCode.BUSY, "4.29"),
                Map.entry(ErrorCode.QUOTA_EXCEEDED, "5.03"),
                Map.entry(ErrorCode.UNAVAILABLE, "5.03"),
                Map.entry(ErrorCode.INTERNAL, "5.00")));
        assertThat(expected).containsOnlyKeys(ErrorCode.values());
        for (var entry : expected.entrySet()) {
            host.faults().refuseWrites(Optional.of(new ResourceException(entry.getKey(), "for the test")));
            Response refused = peer.ask(peer.put("t/1", "1"));
            assertThat(refused.getCode().text).as("%s", entry.getKey()).isEqualTo(entry.getValue());
            assertThat(refused.getOptions().hasMaxAge())
                    .isEqualTo(entry.getKey().isTemporary());
            assertThat(text(refused)).isEqualTo("for the test");
        }
    }

    @Test
    void whoCannotBeAnonymousIsRefused() throws IOException {
        host.addUser("ada:secret", new Identity("ada", Set.of("admin")));
        host.allowAnonymous(false);

        assertThat(peer.code(peer.put("t/1", "1"))).isEqualTo("4.01");
        assertThat(peer.code(peer.observe("t/1"))).isEqualTo("4.01");
        assertThat(record("t/1")).isEqualTo("none");
    }

    @Test
    void whatIsNotOfferedIsSaidToBe() throws IOException {
        Request query = peer.get("t/1");
        query.getOptions().addUriQuery("a=1");
        assertThat(peer.code(query)).isEqualTo("4.00");
        Request proxied = peer.get("t/1");
        proxied.getOptions().setProxyUri("coap://example.org/");
        assertThat(peer.code(proxied)).isEqualTo("5.05");
        assertThat(peer.code(peer.request(Code.FETCH, "t/1"))).isEqualTo("4.05");
        Request slash = peer.get("t");
        slash.getOptions().addUriPath("a/b");
        assertThat(peer.code(slash)).isEqualTo("4.00");
        assertThat(peer.code(peer.get("t/+"))).isEqualTo("4.00");
    }

    @Test
    void garbageHarmsNobody() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (Peer garbage = new Peer(host.address("coap"))) {
            for (int i = 0; i < 2_000; i++) {
                byte[] bytes = new byte[random.nextInt(100)];
                random.nextBytes(bytes);
                if (i % 2 == 0 && bytes.length > 1) {
                    bytes[0] = (byte) (0x40 | random.nextInt(9)); // version 1, confirmable: a proper beginning
                    bytes[1] = (byte) random.nextInt(8);
                }
                garbage.send(bytes);
            }
            assertThat(peer.code(peer.put("t/1", "1"))).as("seed %d", seed).isEqualTo("2.01");
        }
    }

    @Test
    void aBlockSizeThatIsNoneIsRefusedAtStart() {
        assertThatThrownBy(() -> host.start("coap2", new CoapPlugin(), Map.of("block-size", "100")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("coap2.block-size: 100");
    }

    private record Listening(List<String> heard) implements Subscriber {
        @Override
        public void onChange(Change change, Reason reason) {
            heard.add(change.kind() + " " + change.path() + " "
                    + new String(change.content().orElseThrow().toByteArray()));
        }

        @Override
        public void onClosed(ResourceException reason) {}
    }
}
