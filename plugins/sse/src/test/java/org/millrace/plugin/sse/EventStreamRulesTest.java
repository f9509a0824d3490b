package org.millrace.plugin.sse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.plugin.sse.EventStreamParser.Event;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.Version;
import org.millrace.testkit.InMemoryHost;

/** The rules of event streams (WHATWG HTML section 9.2.6): first the reader of these tests, then what is written. */
class EventStreamRulesTest {
    private static final EventForm.Shape VALUE = new EventForm.Shape(false, MediaType.JSON);
    private static final EventForm.Shape ENVELOPE = new EventForm.Shape(true, MediaType.JSON);

    private static List<Event> read(String stream) {
        return EventStreamParser.read(stream).events();
    }

    @Test
    void linesOfDataAreJoined() {
        assertThat(read("data: YHOO\ndata: +2\ndata: 10\n\n"))
                .containsExactly(new Event("message", "YHOO\n+2\n10", ""));
    }

    @Test
    void theStandardsExampleOfFourBlocksIsThreeEvents() {
        assertThat(read(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"))
                .containsExactly(
                        new Event("message", "first event", "1"),
                        new Event("message", "second event", ""),
                        new Event("message", " third event", ""));
    }

    @Test
    void emptyDataIsAnEventAndNoDataIsNone() {
        assertThat(read("data\n\ndata\ndata\n\nevent: x\n\ndata:"))
                .containsExactly(new Event("message", "", ""), new Event("message", "\n", ""));
    }

    @Test
    void oneSpaceAfterTheColonIsNoData() {
        assertThat(read("data:test\n\ndata: test\n\n"))
                .containsExactly(new Event("message", "test", ""), new Event("message", "test", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n"})
    void allThreeLineEndsAreOne(String end) {
        assertThat(read("event: a" + end + "data: 1" + end + end)).containsExactly(new Event("a", "1", ""));
    }

    @Test
    void aByteOrderMarkAtTheBeginningIsPassedOver() {
        assertThat(read("\uFEFFdata: 1\n\n")).containsExactly(new Event("message", "1", ""));
    }

    @Test
    void anIdWithANulIsIgnoredAndARetryThatIsNoNumberToo() {
        EventStreamParser parser = EventStreamParser.read("id: a\0b\nretry: 1x\ndata: 1\n\n");

        assertThat(parser.events()).containsExactly(new Event("message", "1", ""));
        assertThat(parser.retry()).isEqualTo(-1);
    }

    @Test
    void anIdWithoutDataIsRemembered() {
        EventStreamParser parser = EventStreamParser.read(":\nid: 7\n\n");

        assertThat(parser.events()).isEmpty();
        assertThat(parser.lastEventId()).isEqualTo("7");
    }

    /** A change as the plugin writes it, and as a page gets it. */
    private static Event written(String path, MediaType type, String content, EventForm.Shape shape) throws Exception {
        try (InMemoryHost host = InMemoryHost.create()) {
            Change change = Change.of(ChangeKind.PUT, Path.of(path), new Version(1, 2), new Cursor(3, 4))
                    .content(host.contents().of(type, content.getBytes(StandardCharsets.UTF_8)))
                    .build();
            List<Event> events = EventStreamParser.read(EventForm.of(change, Reason.LIVE, shape, true))
                    .events();
            assertThat(events).hasSize(1);
            return events.getFirst();
        }
    }

    @Test
    void jsonOnManyLinesIsOneLineOfData() throws Exception {
        assertThat(written("t/1", MediaType.JSON, "{\r\n \"a\":\r1,\n\n\"b\": \"x\\ny\"}", VALUE))
                .isEqualTo(new Event("put", "{   \"a\": 1,  \"b\": \"x\\ny\"}", "3.4"));
    }

    @Test
    void jsonThatBeginsWithSpaceKeepsItsMeaning() throws Exception {
        assertThat(written("t/1", MediaType.JSON, "  1", VALUE).data()).isEqualTo("  1");
    }

    @Test
    void aTextThatLooksLikeFieldsIsData() throws Exception {
        String text = "\n\nevent: fake\ndata: 1\nid: 9\n\n";

        Event event = written("t/1", MediaType.TEXT, text, VALUE);
        assertThat(event.type()).isEqualTo("put");
        assertThat(event.lastEventId()).isEqualTo("3.4");
        assertThat(event.data()).contains(Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"t/a\nb", "t/a\rb", "t/\r\n\r\ndata: x", "t/\u0001\"\\", "t/ä€😀", "t/\u0085\u2028\u2029"})
    void aPathWithLineEndsStaysInItsData(String path) throws Exception {
        Event event = written(path, MediaType.JSON, "1", ENVELOPE);

        assertThat(event.data())
                .startsWith("{\"path\":\"t/")
                .endsWith(",\"value\":1}")
                .doesNotContain("\n");
        assertThat(event.lastEventId()).isEqualTo("3.4");
    }

    @Test
    void whatEntersAndLeavesAQueryIsNamedSo() throws Exception {
        try (InMemoryHost host = InMemoryHost.create()) {
            Change change = Change.of(ChangeKind.PUT, Path.of("t/1"), new Version(1, 2), new Cursor(3, 4))
                    .content(host.contents().of(MediaType.JSON, new byte[] {'1'}))
                    .build();

            assertThat(EventForm.of(change, Reason.ENTER, VALUE, false))
                    .asString()
                    .startsWith("event: enter\n");
            assertThat(EventForm.of(change, Reason.LEAVE, VALUE, false))
                    .asString()
                    .startsWith("event: leave\n");
            assertThat(EventForm.of(change, Reason.UPDATE, VALUE, false))
                    .asString()
                    .startsWith("event: put\n");
        }
    }
}
