package org.millrace.plugin.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.websocket.FrameCases.BINARY;
import static org.millrace.plugin.websocket.FrameCases.CLOSE;
import static org.millrace.plugin.websocket.FrameCases.CONTINUATION;
import static org.millrace.plugin.websocket.FrameCases.PING;
import static org.millrace.plugin.websocket.FrameCases.PONG;
import static org.millrace.plugin.websocket.FrameCases.TEXT;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The case groups of the Autobahn WebSocket test suite, told again as raw frames: 1 framing, 2 pings and pongs, 3
 * reserved bits, 4 opcodes, 5 fragmentation, 6 UTF-8, 7 closing, 9 limits, 10 automatic fragmentation. Groups 12 and 13
 * are in {@link DeflateTest}. The suite itself is a Python program; its echo server is here a record whose events a
 * client both sends and gets.
 */
class AutobahnCasesTest {
    /** A JSON text of so many bytes, so that its echo is a text. */
    private static String json(int size) {
        return "\"" + "*".repeat(size - 2) + "\"";
    }

    static Stream<FrameCases.Case> framing() {
        List<FrameCases.Case> cases = new ArrayList<>();
        // A text that is no JSON, such as the empty one, is text/plain and comes back as binary.
        cases.add(FrameCases.of("1.1.1").send(TEXT, "").expect("binary 0"));
        int[] sizes = {125, 126, 127, 128, 65_535, 65_536};
        for (int i = 0; i < sizes.length; i++) {
            cases.add(FrameCases.of("1.1." + (i + 2)).send(TEXT, json(sizes[i])).expect("text " + sizes[i]));
            cases.add(FrameCases.of("1.2." + (i + 2))
                    .sendSize(BINARY, true, sizes[i])
                    .expect("binary " + sizes[i]));
        }
        cases.add(FrameCases.of("1.1.8")
                .send(TEXT, json(65_536))
                .expect("text 65536")
                .chopped("1.1.8", 997));
        cases.add(FrameCases.of("1.2.1").sendSize(BINARY, true, 0).expect("binary 0"));
        cases.add(FrameCases.of("1.2.8")
                .sendSize(BINARY, true, 65_536)
                .expect("binary 65536")
                .chopped("1.2.8", 997));
        return cases.stream();
    }

    static Stream<FrameCases.Case> pingsAndPongs() {
        String longest = "fe".repeat(125);
        FrameCases ten = FrameCases.of("2.10");
        String[] pongs = new String[10];
        for (int i = 0; i < 10; i++) {
            ten.send(PING, "payload-" + i);
            pongs[i] = "pong "
                    + HexFormat.of().formatHex(("payload-" + i).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        FrameCases.Case tenPings = ten.expect(pongs);
        return Stream.of(
                FrameCases.of("2.1").send(PING, "").expect("pong "),
                FrameCases.of("2.2").send(PING, "Hello").expect("pong 48656c6c6f"),
                FrameCases.of("2.3").sendHex(PING, true, "00fffefdfcfb00ff").expect("pong 00fffefdfcfb00ff"),
                FrameCases.of("2.4").sendHex(PING, true, longest).expect("pong " + longest),
                FrameCases.of("2.5").sendSize(PING, true, 126).expect("close 1002"),
                FrameCases.of("2.6")
                        .sendHex(PING, true, longest)
                        .expect("pong " + longest)
                        .chopped("2.6", 1),
                FrameCases.of("2.7").send(PONG, "").expect(),
                FrameCases.of("2.8").send(PONG, "unsolicited").expect(),
                FrameCases.of("2.9").send(PONG, "unsolicited").send(PING, "a").expect("pong 61"),
                tenPings,
                tenPings.chopped("2.11", 1));
    }

    static Stream<FrameCases.Case> reservedBits() {
        return Stream.of(
                FrameCases.of("3.1")
                        .send(TEXT, true, 4, "1".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .expect("close 1002"),
                second("3.2", 2, TEXT),
                second("3.3", 3, TEXT).chopped("3.3", 3),
                second("3.4", 4, TEXT).chopped("3.4", 1),
                second("3.5", 5, BINARY),
                second("3.6", 6, PING),
                second("3.7", 7, CLOSE));
    }

    /** A text, a frame with reserved bits, and a ping that must not be answered any more. */
    private static FrameCases.Case second(String id, int reserved, int opcode) {
        return FrameCases.of(id)
                .send(TEXT, "12")
                .send(opcode, true, reserved, new byte[0])
                .send(PING, "")
                .expect("text 2", "close 1002");
    }

    static Stream<FrameCases.Case> opcodes() {
        List<FrameCases.Case> cases = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            cases.add(unknown("4.1." + (i + 1), 3 + i));
            cases.add(unknown("4.2." + (i + 1), 11 + i));
        }
        return cases.stream();
    }

    private static FrameCases.Case unknown(String id, int opcode) {
        return FrameCases.of(id)
                .send(TEXT, "12")
                .send(opcode, "reserved")
                .send(PING, "")
                .expect("text 2", "close 1002");
    }

    static Stream<FrameCases.Case> fragmentation() {
        FrameCases.Case two = FrameCases.of("5.3")
                .send(TEXT, false, "1")
                .send(CONTINUATION, "2")
                .expect("text 2");
        FrameCases.Case between = FrameCases.of("5.6")
                .send(TEXT, false, "1")
                .send(PING, "p")
                .send(CONTINUATION, "2")
                .expect("pong 70", "text 2");
        FrameCases.Case nothing =
                FrameCases.of("5.9").send(CONTINUATION, "1").send(TEXT, "2").expect("close 1002");
        FrameCases.Case nothingYet = FrameCases.of("5.12")
                .send(CONTINUATION, false, "1")
                .send(TEXT, "2")
                .expect("close 1002");
        FrameCases.Case pings = FrameCases.of("5.19")
                .send(TEXT, false, "1")
                .send(CONTINUATION, false, "2")
                .send(PING, "p")
                .send(CONTINUATION, false, "3")
                .send(CONTINUATION, false, "4")
                .send(PING, "q")
                .send(CONTINUATION, "5")
                .expect("pong 70", "pong 71", "text 5");
        return Stream.of(
                FrameCases.of("5.1")
                        .send(PING, false, "1")
                        .send(CONTINUATION, "2")
                        .expect("close 1002"),
                FrameCases.of("5.2")
                        .send(PONG, false, "1")
                        .send(CONTINUATION, "2")
                        .expect("close 1002"),
                two,
                two.chopped("5.4", 1),
                two.chopped("5.5", 3),
                between,
                between.chopped("5.7", 1),
                between.chopped("5.8", 3),
                nothing,
                nothing.chopped("5.10", 1),
                nothing.chopped("5.11", 3),
                nothingYet,
                nothingYet.chopped("5.13", 1),
                nothingYet.chopped("5.14", 3),
                FrameCases.of("5.15")
                        .send(TEXT, false, "1")
                        .send(CONTINUATION, "2")
                        .send(CONTINUATION, false, "3")
                        .send(TEXT, "4")
                        .expect("text 2", "close 1002"),
                FrameCases.of("5.16")
                        .send(CONTINUATION, false, "1")
                        .send(TEXT, false, "2")
                        .send(CONTINUATION, "3")
                        .expect("close 1002"),
                FrameCases.of("5.17")
                        .send(CONTINUATION, "1")
                        .send(TEXT, false, "2")
                        .send(CONTINUATION, "3")
                        .expect("close 1002"),
                FrameCases.of("5.18").send(TEXT, false, "1").send(TEXT, "2").expect("close 1002"),
                pings,
                pings.chopped("5.20", 1));
    }

    static Stream<FrameCases.Case> utf8() {
        List<FrameCases.Case> cases = new ArrayList<>(List.of(
                FrameCases.of("6.1.1").send(TEXT, "").expect("binary 0"),
                FrameCases.of("6.1.2")
                        .send(TEXT, false, "")
                        .send(CONTINUATION, false, "")
                        .send(CONTINUATION, "")
                        .expect("binary 0"),
                FrameCases.of("6.1.3")
                        .send(TEXT, false, "")
                        .send(CONTINUATION, false, "12")
                        .send(CONTINUATION, "")
                        .expect("text 2"),
                FrameCases.of("6.2.1").send(TEXT, "\"Hello-µ@ßöäüàá-UTF-8!!\"").expect("text 31"),
                // 6.2.2 splits between characters, 6.2.3 and 6.2.4 within.
                FrameCases.of("6.2.2")
                        .send(TEXT, false, "\"Hello-µ@ßöä")
                        .send(CONTINUATION, "üàá-UTF-8!!\"")
                        .expect("text 31"),
                FrameCases.of("6.2.3")
                        .sendHex(TEXT, false, "22ce")
                        .sendHex(CONTINUATION, false, "ba")
                        .sendHex(CONTINUATION, true, "22")
                        .expect("text 4"),
                FrameCases.of("6.3.1")
                        .sendHex(TEXT, true, "cebae1bdb9cf83cebcceb5eda080656469746564")
                        .expect("close 1007"),
                FrameCases.of("6.3.2")
                        .sendHex(TEXT, false, "cebae1bdb9cf83cebcceb5")
                        .sendHex(CONTINUATION, true, "eda080656469746564")
                        .expect("close 1007"),
                FrameCases.of("6.4.1")
                        .sendHex(TEXT, false, "cebae1bdb9cf83cebcceb5")
                        .sendHex(CONTINUATION, false, "f4908080")
                        .expect("close 1007"),
                FrameCases.of("6.4.2")
                        .sendHex(TEXT, false, "cebae1bdb9cf83cebcceb5f4")
                        .sendHex(CONTINUATION, false, "90")
                        .expect("close 1007")));
        // 6.5 to 6.23: sequences of Markus Kuhn's decoder test.
        String[] good = {
            "cebae1bdb9cf83cebcceb5",
            "00",
            "c280",
            "e0a080",
            "f0908080",
            "7f",
            "dfbf",
            "efbfbf",
            "f48fbfbf",
            "ed9fbf",
            "ee8080",
            "efbfbd",
            "efbfbe",
            "f09fbfbe",
            "f48fbfbe"
        };
        String[] bad = {
            "f8888080 80",
            "fc8480808080",
            "f7bfbfbf",
            "fbbfbfbfbf",
            "fdbfbfbfbfbf",
            "f4908080",
            "80",
            "bf",
            "80bf",
            "80bf80",
            "c020",
            "e020",
            "f020",
            "f820",
            "fc20",
            "c0",
            "e080",
            "f08080",
            "f8808080",
            "fc80808080",
            "df",
            "efbf",
            "f7bfbf",
            "fbbfbfbf",
            "fe",
            "ff",
            "fefeffff",
            "c0af",
            "e080af",
            "f08080af",
            "f8808080af",
            "c1bf",
            "e09fbf",
            "f08fbfbf",
            "c080",
            "e08080",
            "f0808080",
            "eda080",
            "edadbf",
            "edae80",
            "edafbf",
            "edb080",
            "edbe80",
            "edbfbf",
            "eda080edb080",
            "edafbfedbfbf",
            "ce",
            "cebae1"
        };
        for (String hex : good) {
            cases.add(FrameCases.of("6.x valid " + hex).sendHex(TEXT, true, hex).expect("binary " + hex.length() / 2));
        }
        for (String hex : bad) {
            String bytes = hex.replace(" ", "");
            cases.add(FrameCases.of("6.x invalid " + bytes)
                    .sendHex(TEXT, true, bytes)
                    .expect("close 1007"));
        }
        return cases.stream();
    }

    static Stream<FrameCases.Case> closing() {
        List<FrameCases.Case> cases = new ArrayList<>(List.of(
                FrameCases.of("7.1.1").send(TEXT, "12").close(1000, "").expect("text 2", "close 1000"),
                FrameCases.of("7.1.2").close(1000, "").close(1000, "").expect("close 1000"),
                FrameCases.of("7.1.3").close(1000, "").send(PING, "").expect("close 1000"),
                FrameCases.of("7.1.4").close(1000, "").send(TEXT, "12").expect("close 1000"),
                FrameCases.of("7.1.5")
                        .send(TEXT, false, "1")
                        .close(1000, "")
                        .send(CONTINUATION, "2")
                        .expect("close 1000"),
                FrameCases.of("7.1.6")
                        .sendSize(BINARY, true, 256 * 1024)
                        .close(1000, "")
                        .send(PING, "")
                        .expect("binary 262144", "close 1000"),
                FrameCases.of("7.3.1").send(CLOSE, "").expect("close 1005"),
                FrameCases.of("7.3.2").sendHex(CLOSE, true, "03").expect("close 1002"),
                FrameCases.of("7.3.3").close(1000, "").expect("close 1000"),
                FrameCases.of("7.3.4").close(1000, "Hello").expect("close 1000"),
                FrameCases.of("7.3.5").close(1000, "*".repeat(123)).expect("close 1000"),
                FrameCases.of("7.3.6").close(1000, "*".repeat(124)).expect("close 1002"),
                FrameCases.of("7.5.1")
                        .sendHex(CLOSE, true, "03e8cebae1bdb9cf83cebcceb5eda080656469746564")
                        .expect("close 1007")));
        int[] valid = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999};
        for (int code : valid) {
            cases.add(FrameCases.of("7.7 code " + code).close(code, "").expect("close " + code));
        }
        // 7.13 leaves 5000 and 65535 open; they are treated like the rest.
        int[] invalid = {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535};
        for (int code : invalid) {
            cases.add(FrameCases.of("7.9 code " + code).close(code, "").expect("close 1002"));
        }
        return cases.stream();
    }

    static Stream<FrameCases.Case> limits() {
        List<FrameCases.Case> cases = new ArrayList<>();
        int[] sizes = {64 * 1024, 256 * 1024, 1024 * 1024};
        for (int i = 0; i < sizes.length; i++) {
            String echo = Integer.toString(sizes[i]);
            cases.add(FrameCases.of("9.1." + (i + 1)).send(TEXT, json(sizes[i])).expect("text " + echo));
            cases.add(FrameCases.of("9.2." + (i + 1))
                    .sendSize(BINARY, true, sizes[i])
                    .expect("binary " + echo));
        }
        for (int size = 64; size <= 256 * 1024; size *= 4) {
            FrameCases fragments = FrameCases.of("9.4 fragments of " + size);
            int whole = 256 * 1024;
            for (int at = 0; at < whole; at += size) {
                fragments.sendSize(at == 0 ? BINARY : CONTINUATION, at + size >= whole, size);
            }
            cases.add(fragments.expect("binary " + whole));
        }
        for (int chop : new int[] {64, 128, 256, 512, 1024, 2048}) {
            cases.add(FrameCases.of("9.6")
                    .sendSize(BINARY, true, 256 * 1024)
                    .expect("binary 262144")
                    .chopped("9.6 chops of " + chop, chop));
        }
        FrameCases automatic = FrameCases.of("10.1.1");
        for (int at = 0; at < 65_536; at += 1300) {
            int size = Math.min(1300, 65_536 - at);
            automatic.sendSize(at == 0 ? BINARY : CONTINUATION, at + size >= 65_536, size);
        }
        cases.add(automatic.expect("binary 65536"));
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource({"framing", "pingsAndPongs", "reservedBits", "opcodes", "fragmentation", "utf8", "closing", "limits"})
    void aCaseIsAnsweredAsItMustBe(FrameCases.Case one) throws Exception {
        try (Wire wire = new Wire(Map.of("max-frame", "2MiB", "max-message", "2MiB"))) {
            assertThat(wire.open("/echo/1", "start=now")).startsWith("HTTP/1.1 101 ");
            for (byte[] frame : one.sent()) {
                for (int at = 0; at < frame.length; ) {
                    int end = (int) Math.min((long) at + one.chop(), frame.length);
                    wire.raw(Arrays.copyOfRange(frame, at, end));
                    at = end;
                }
            }

            assertThat(wire.frames().stream().map(AutobahnCasesTest::words)).containsExactlyElementsOf(one.expected());
            boolean ends = one.expected().stream().anyMatch(word -> word.startsWith("close"));
            assertThat(wire.channel.isOpen()).isEqualTo(!ends);
        }
    }

    private static String words(Wire.Frame frame) {
        return switch (frame.opcode()) {
            case TEXT -> "text " + frame.payload().length;
            case BINARY -> "binary " + frame.payload().length;
            case PONG -> "pong " + HexFormat.of().formatHex(frame.payload());
            case CLOSE -> "close " + frame.code();
            default -> "opcode " + frame.opcode();
        };
    }
}
