package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.End;
import org.junit.jupiter.api.Test;

/** Clients that end a session before the server has answered its begin, as one does whose patience is over. */
class HastySessionTest extends AmqpTestBase {
    /** The first field of a begin is the remote channel (AMQP 1.0 section 2.7.2). */
    private static final Pattern BEGIN = Pattern.compile("005311(?:c0.{4}|d0.{16})60(.{4})");

    private static byte[] end(int channel) {
        return Frames.amqp(channel, new End());
    }

    /** To which channels the server's begins are answers, in the order they came. */
    private List<Integer> answered(byte[]... frames) {
        String bytes = amqp.peer()
                .send(Frames.together(
                        Frames.HEADER, Frames.open(), Frames.together(frames), Frames.amqp(0, new Close())))
                .readAll();
        List<Integer> channels = new ArrayList<>();
        Matcher begins = BEGIN.matcher(HexFormat.of().formatHex(bytes.getBytes(StandardCharsets.ISO_8859_1)));
        while (begins.find()) {
            channels.add(Integer.parseInt(begins.group(1), 16));
        }
        return channels;
    }

    @Test
    void theBeginThatComesTooLateNamesTheChannelAllTheSame() {
        assertThat(answered(Frames.begin(7), end(7))).containsExactly(7);
    }

    @Test
    void soItIsBetweenSessionsThatStay() {
        assertThat(answered(Frames.begin(3), Frames.begin(7), end(7), Frames.begin(9), end(9), Frames.begin(11)))
                .containsExactly(3, 7, 9, 11);
    }

    @Test
    void aChannelMayBeUsedAgainAtOnce() {
        assertThat(answered(Frames.begin(7), end(7), Frames.begin(7), end(7), Frames.begin(7)))
                .containsExactly(7, 7, 7);
    }
}
