package org.millrace.plugin.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;

/** The multiplexed protocol in JSON, message by message. */
class MultiplexedSessionTest {
    private final Wire wire = new Wire(Map.of("max-subscriptions", "2"));

    @BeforeEach
    void open() {
        wire.multiplex("millrace.json");
    }

    @AfterEach
    void close() throws Exception {
        wire.close();
    }

    /** Cursors and versions differ from run to run. */
    private static String stable(String message) {
        return message.replaceAll("\"(etag|cursor)\":\"[0-9a-f]+[-.][0-9a-f]+\"", "\"$1\":\"?\"");
    }

    private List<String> ask(String message) {
        return wire.ask(message).stream().map(MultiplexedSessionTest::stable).toList();
    }

    private static String error(String id, String code) {
        return "{" + (id.isEmpty() ? "" : "\"id\":" + id + ",") + "\"error\":{\"code\":\"" + code + "\"";
    }

    @Test
    void aPingIsAnswered() {
        assertThat(ask("{\"id\":1,\"op\":\"ping\"}")).containsExactly("{\"id\":1,\"result\":{}}");
    }

    @Test
    void anIdMayBeAText() {
        assertThat(ask("{\"id\":\"a\\\"b\",\"op\":\"ping\"}")).containsExactly("{\"id\":\"a\\\"b\",\"result\":{}}");
    }

    @Test
    void whatIsPutIsGotByteForByte() {
        assertThat(ask("{\"id\":1,\"op\":\"put\",\"path\":\"t/1\",\"value\":{ \"a\" : 1.00 }}"))
                .containsExactly(
                        "{\"id\":1,\"result\":{\"path\":\"t/1\",\"effect\":\"created\",\"etag\":\"?\",\"cursor\":\"?\"}}");
        assertThat(ask("{\"id\":2,\"op\":\"get\",\"path\":\"t/1\"}"))
                .containsExactly("{\"id\":2,\"result\":{\"path\":\"t/1\",\"etag\":\"?\",\"value\":{ \"a\" : 1.00 }}}");
    }

    @Test
    void aReadIsAnsweredBehindTheWritesThatWereSentBeforeIt() {
        wire.host.faults().holdAcknowledgements();
        assertThat(ask("{\"id\":1,\"op\":\"put\",\"path\":\"t/1\",\"value\":1}"))
                .isEmpty();
        assertThat(ask("{\"id\":2,\"op\":\"get\",\"path\":\"t/1\"}")).isEmpty();
        assertThat(ask("{\"id\":3,\"op\":\"query\",\"table\":\"t\"}")).isEmpty();
        assertThat(ask("{\"id\":4,\"op\":\"get\",\"path\":\"t/none\"}")).isEmpty();
        assertThat(ask("{\"id\":5,\"op\":\"ping\"}")).hasSize(1);

        wire.host.faults().releaseAcknowledgements();

        List<String> answers = wire.texts().stream()
                .map(text -> text.substring(0, 8))
                .distinct()
                .toList();
        assertThat(answers).first().isEqualTo("{\"id\":1,");
        assertThat(answers).containsExactlyInAnyOrder("{\"id\":1,", "{\"id\":2,", "{\"sub\":3", "{\"id\":4,");
    }

    @Test
    void aQueryThatIsEndedBeforeItCouldBeAskedGivesNothing() {
        wire.host.faults().holdAcknowledgements();
        ask("{\"id\":1,\"op\":\"put\",\"path\":\"t/1\",\"value\":1}");
        ask("{\"id\":2,\"op\":\"query\",\"table\":\"t\"}");
        ask("{\"id\":3,\"op\":\"unsubscribe\",\"sub\":2}");

        wire.host.faults().releaseAcknowledgements();

        assertThat(wire.texts()).singleElement().asString().startsWith("{\"id\":1,");
    }

    @Test
    void contentOfAnotherTypeIsBase64() {
        ask("{\"op\":\"put\",\"path\":\"t/1\",\"type\":\"text/plain\",\"data\":\"aGk=\"}");

        assertThat(wire.host.record("t/1").orElseThrow().content().mediaType()).isEqualTo(MediaType.TEXT);
        assertThat(ask("{\"id\":2,\"op\":\"get\",\"path\":\"t/1\"}"))
                .containsExactly("{\"id\":2,\"result\":{\"path\":\"t/1\",\"etag\":\"?\",\"type\":\"text/plain\","
                        + "\"data\":\"aGk=\"}}");
    }

    @Test
    void aRequestWithoutAnIdIsNotAnswered() {
        assertThat(ask("{\"op\":\"put\",\"path\":\"t/1\",\"value\":1}")).isEmpty();
        assertThat(wire.host.record("t/1")).isPresent();
    }

    @Test
    void aRequestWithoutAnIdThatFailsIsToldOf() {
        assertThat(ask("{\"op\":\"get\",\"path\":\"t/1\"}"))
                .singleElement()
                .asString()
                .startsWith(error("", "not-found"));
    }

    @Test
    void aPreconditionThatDoesNotHoldIsToldAndTheConnectionStays() {
        ask("{\"op\":\"put\",\"path\":\"t/1\",\"value\":1}");

        assertThat(ask("{\"id\":2,\"op\":\"put\",\"path\":\"t/1\",\"value\":2,\"ifNoneMatch\":\"*\"}"))
                .singleElement()
                .asString()
                .startsWith(error("2", "precondition-failed"));
        assertThat(wire.channel.isOpen()).isTrue();
    }

    @Test
    void anOptimisticUpdateGoesByTheEtag() {
        String answer = wire.ask("{\"id\":1,\"op\":\"put\",\"path\":\"t/1\",\"value\":1}")
                .getFirst();
        String etag = answer.replaceAll(".*\"etag\":\"([^\"]+)\".*", "$1");

        assertThat(ask("{\"id\":2,\"op\":\"put\",\"path\":\"t/1\",\"value\":2,\"ifMatch\":[\"" + etag + "\"]}"))
                .singleElement()
                .asString()
                .contains("\"effect\":\"replaced\"");
    }

    @Test
    void aTransactionIsAllOrNothing() {
        assertThat(ask("{\"id\":1,\"op\":\"transact\",\"writes\":[{\"op\":\"put\",\"path\":\"t/1\",\"value\":1},"
                        + "{\"op\":\"put\",\"path\":\"t/2\",\"value\":[2]}]}"))
                .singleElement()
                .asString()
                .startsWith("{\"id\":1,\"result\":{\"commits\":[{\"path\":\"t/1\",\"effect\":\"created\"");
        assertThat(ask("{\"id\":2,\"op\":\"transact\",\"writes\":[{\"op\":\"delete\",\"path\":\"t/1\"},"
                        + "{\"op\":\"put\",\"path\":\"t/2\",\"value\":3,\"ifNoneMatch\":\"*\"}]}"))
                .singleElement()
                .asString()
                .startsWith(error("2", "precondition-failed"));
        assertThat(wire.host.record("t/1")).isPresent();
    }

    @Test
    void aPostNamesTheNewRecord() {
        assertThat(ask("{\"id\":1,\"op\":\"post\",\"table\":\"t\",\"value\":1}"))
                .singleElement()
                .asString()
                .startsWith("{\"id\":1,\"result\":{\"path\":\"t/")
                .contains("\"effect\":\"created\"");
    }

    @Test
    void aSubscriptionShowsThePresentThenChanges() {
        ask("{\"op\":\"put\",\"path\":\"t/1\",\"value\":1}");

        assertThat(ask("{\"id\":7,\"op\":\"subscribe\",\"filter\":\"t/#\"}"))
                .containsExactly(
                        "{\"id\":7,\"result\":{\"cursor\":\"?\"}}",
                        "{\"sub\":7,\"reason\":\"current\",\"event\":\"put\",\"path\":\"t/1\",\"etag\":\"?\",\"value\":1}",
                        "{\"sub\":7,\"event\":\"caught-up\",\"cursor\":\"?\"}");
        assertThat(ask("{\"op\":\"put\",\"path\":\"t/1\",\"value\":2}"))
                .containsExactly("{\"sub\":7,\"event\":\"put\",\"path\":\"t/1\",\"cursor\":\"?\",\"etag\":\"?\","
                        + "\"value\":2}");
        assertThat(ask("{\"op\":\"delete\",\"path\":\"t/1\"}"))
                .containsExactly("{\"sub\":7,\"event\":\"delete\",\"path\":\"t/1\",\"cursor\":\"?\",\"etag\":\"?\"}");
    }

    @Test
    void propertiesTravelBesideTheContent() {
        ask("{\"id\":7,\"op\":\"subscribe\",\"filter\":[\"t/1\",\"t/2\"],\"start\":\"now\"}");

        assertThat(ask("{\"op\":\"publish\",\"path\":\"t/2\",\"value\":{},\"properties\":{\"unit\":\"K\"}}"))
                .singleElement()
                .asString()
                .contains("\"event\":\"event\"")
                .contains("\"properties\":{\"unit\":\"K\"}");
    }

    @Test
    void nothingComesBeyondTheDemand() {
        ask("{\"id\":7,\"op\":\"subscribe\",\"filter\":\"t/#\",\"start\":\"now\",\"demand\":1}");
        ask("{\"op\":\"put\",\"path\":\"t/1\",\"value\":1}");

        assertThat(ask("{\"op\":\"put\",\"path\":\"t/1\",\"value\":2}")).isEmpty();
        assertThat(ask("{\"op\":\"request\",\"sub\":7,\"n\":5}"))
                .singleElement()
                .asString()
                .contains("\"value\":2");
    }

    @Test
    void aSubscriptionIsResumedAfterItsCursor() {
        wire.ask("{\"id\":7,\"op\":\"subscribe\",\"filter\":\"t/#\",\"start\":\"now\"}");
        String seen = wire.ask("{\"op\":\"put\",\"path\":\"t/1\",\"value\":1}").getFirst();
        String cursor = seen.replaceAll(".*\"cursor\":\"([^\"]+)\".*", "$1");
        wire.ask("{\"op\":\"unsubscribe\",\"sub\":7}");
        assertThat(wire.ask("{\"op\":\"put\",\"path\":\"t/1\",\"value\":2}")).isEmpty();

        assertThat(ask("{\"id\":8,\"op\":\"subscribe\",\"filter\":\"t/#\",\"after\":\"" + cursor + "\"}"))
                .filteredOn(message -> message.contains("value"))
                .singleElement()
                .asString()
                .contains("\"value\":2");
    }

    @Test
    void aQuerysRowsComeByDemand() {
        for (int i = 0; i < 3; i++) {
            ask("{\"op\":\"put\",\"path\":\"t/" + i + "\",\"value\":" + i + "}");
        }

        assertThat(ask("{\"id\":9,\"op\":\"query\",\"table\":\"t\",\"demand\":2}"))
                .containsExactly(
                        "{\"sub\":9,\"event\":\"row\",\"path\":\"t/0\",\"etag\":\"?\",\"value\":0}",
                        "{\"sub\":9,\"event\":\"row\",\"path\":\"t/1\",\"etag\":\"?\",\"value\":1}");
        assertThat(ask("{\"op\":\"request\",\"sub\":9,\"n\":9}"))
                .containsExactly(
                        "{\"sub\":9,\"event\":\"row\",\"path\":\"t/2\",\"etag\":\"?\",\"value\":2}",
                        "{\"sub\":9,\"event\":\"done\",\"rows\":3}");
    }

    @Test
    void moreSubscriptionsThanAllowedAreRefused() {
        ask("{\"id\":1,\"op\":\"subscribe\",\"filter\":\"a\"}");
        ask("{\"id\":2,\"op\":\"subscribe\",\"filter\":\"b\"}");

        assertThat(ask("{\"id\":3,\"op\":\"subscribe\",\"filter\":\"c\"}"))
                .singleElement()
                .asString()
                .startsWith(error("3", "quota-exceeded"))
                .contains("max-subscriptions");
    }

    @Test
    void anIdThatIsTakenIsRefused() {
        ask("{\"id\":1,\"op\":\"subscribe\",\"filter\":\"a\"}");

        assertThat(ask("{\"id\":1,\"op\":\"subscribe\",\"filter\":\"b\"}"))
                .singleElement()
                .asString()
                .startsWith(error("1", "conflict"));
    }

    @Test
    void aFieldThatIsNotKnownIsNamed() {
        assertThat(ask("{\"id\":1,\"op\":\"put\",\"pth\":\"t/1\",\"value\":1}"))
                .singleElement()
                .asString()
                .startsWith(error("1", "invalid"))
                .contains("'pth'");
    }

    @Test
    void anOpThatIsNotKnownIsRefusedWithTheKnownOnes() {
        assertThat(ask("{\"id\":1,\"op\":\"fly\"}"))
                .singleElement()
                .asString()
                .startsWith(error("1", "unsupported"))
                .contains("transact");
    }

    @Test
    void whatIsNoJsonEndsTheConnectionWith1007() {
        wire.text("{\"id\":1,");

        assertThat(wire.frames()).singleElement().extracting(Wire.Frame::code).isEqualTo(1007);
        assertThat(wire.channel.isOpen()).isFalse();
    }

    @Test
    void whatNestsWithoutEndIs1009() {
        wire.text("{\"id\":1,\"op\":\"put\",\"path\":\"t/1\",\"value\":" + "[".repeat(5000) + "]".repeat(5000) + "}");

        assertThat(wire.frames()).singleElement().satisfies(close -> {
            assertThat(close.code()).isEqualTo(1009);
            assertThat(close.text()).contains("nesting depth").doesNotContain("StreamReadConstraints");
        });
        assertThat(wire.channel.isOpen()).isFalse();
    }

    @Test
    void aBinaryMessageEndsTheConnectionWith1003() {
        wire.frame(0x82, new byte[] {1});

        assertThat(wire.frames()).singleElement().extracting(Wire.Frame::code).isEqualTo(1003);
    }

    @Test
    void aValueNestedTooDeepEndsNothingButItsRequest() {
        String deep = "[".repeat(900) + "]".repeat(900);

        assertThat(ask("{\"id\":1,\"op\":\"ping\",\"x\":" + deep + "}"))
                .singleElement()
                .asString()
                .startsWith(error("1", "invalid"));
    }

    @Test
    void wrongCredentialsAreRefusedAndTheConnectionStays() {
        assertThat(ask("{\"id\":1,\"op\":\"authenticate\",\"user\":\"nobody\",\"password\":\"x\"}"))
                .singleElement()
                .asString()
                .startsWith(error("1", "unauthenticated"));
        assertThat(ask("{\"id\":2,\"op\":\"ping\"}")).hasSize(1);
    }

    @Test
    void theSubprotocolIsServedAtTheRootOnly() throws Exception {
        try (Wire other = new Wire(Map.of())) {
            assertThat(other.open("/t/1", "", "sec-websocket-protocol", "millrace.json"))
                    .startsWith("HTTP/1.1 400 ");
        }
    }
}
