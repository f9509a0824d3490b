package org.millrace.plugin.amqp.connection;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.qpid.proton.amqp.Symbol;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.mapping.Address;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** What termini can ask for by capabilities, and the addresses of those that leave naming to the server. */
final class Capabilities {
    static final Symbol RECORD = Symbol.valueOf("record");
    static final Symbol QUEUE = Symbol.valueOf("queue");
    static final Symbol TOPIC = Symbol.valueOf("topic");
    static final Symbol TEMPORARY_QUEUE = Symbol.valueOf("temporary-queue");
    static final Symbol TEMPORARY_TOPIC = Symbol.valueOf("temporary-topic");
    static final Symbol SHARED = Symbol.valueOf("shared");
    static final Symbol GLOBAL = Symbol.valueOf("global");

    private static final List<Symbol> KNOWN =
            List.of(RECORD, QUEUE, TOPIC, TEMPORARY_QUEUE, TEMPORARY_TOPIC, SHARED, GLOBAL);
    private static final SecureRandom RANDOM = new SecureRandom();

    private Capabilities() {}

    static boolean has(Symbol @Nullable [] capabilities, Symbol wanted) {
        return capabilities != null && Arrays.asList(capabilities).contains(wanted);
    }

    /** Those that are granted: asked for and known. */
    static Symbol @Nullable [] granted(Symbol @Nullable [] asked) {
        return asked == null
                ? null
                : Arrays.stream(asked).filter(KNOWN::contains).toArray(Symbol[]::new);
    }

    static boolean asksForQueue(Symbol @Nullable [] capabilities, Address address) {
        return address.form() == Address.Form.QUEUE || has(capabilities, QUEUE) || has(capabilities, TEMPORARY_QUEUE);
    }

    static boolean asksForTopic(Symbol @Nullable [] capabilities, Address address) {
        return address.form() == Address.Form.TOPIC || has(capabilities, TOPIC) || has(capabilities, TEMPORARY_TOPIC);
    }

    /**
     * Refuses what contradicts itself.
     *
     * @throws ResourceException {@link ErrorCode#INVALID} for an address that is to be two of queue, topic and record
     */
    static void requireOneKind(Symbol @Nullable [] capabilities, Address address) {
        boolean queue = asksForQueue(capabilities, address);
        boolean topic = asksForTopic(capabilities, address);
        boolean record = has(capabilities, RECORD);
        if ((queue && topic) || (record && (queue || topic))) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "address '" + address.text() + "' is asked to be more than one of queue, topic and record"
                            + " (capabilities " + Arrays.toString(capabilities) + "); ask for one of them");
        }
    }

    static String temporaryAddress(String table) {
        byte[] id = new byte[16];
        RANDOM.nextBytes(id);
        return table + "/" + HexFormat.of().formatHex(id);
    }
}
