package org.millrace.plugin.amqp.connection;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries a client holds for unsettled when it attaches a link, and those the server answers that it knows (AMQP 1.0
 * section 2.6.13). Used by the connection's event loop.
 */
final class Unsettled {
    /** What an entry of the map takes beside tag and description, and the rest of an attach beside the map. */
    private static final int ENTRY = 48;

    private static final int REST = 256;

    private final Map<Binary, @Nullable DeliveryState> claimed = new HashMap<>(0);
    private final Set<@Nullable Binary> resumed = new HashSet<>(0);
    private Map<Binary, @Nullable DeliveryState> answer = new HashMap<>(0);

    Unsettled(Attach attach) {
        Map<?, ?> map = attach.getUnsettled();
        if (map != null) {
            map.forEach((tag, state) -> {
                if (tag instanceof Binary binary) {
                    claimed.put(binary, state instanceof DeliveryState known ? known : null);
                }
            });
        }
    }

    /** What the client holds for unsettled, with the state it knows of, if any. */
    Map<Binary, @Nullable DeliveryState> claimed() {
        return claimed;
    }

    /** Says what the server knows of these. */
    void answer(Map<Binary, @Nullable DeliveryState> known) {
        answer = known;
    }

    /** Takes note of a transfer that resumes a delivery; false if it was not answered that the server knows it. */
    boolean resume(@Nullable Binary tag) {
        if (!answer.containsKey(tag)) {
            return false;
        }
        resumed.add(tag);
        return true;
    }

    /** Whether a delivery is a resumed one. A client may use its tag for another one afterwards, so this is told once. */
    boolean takeResumed(Binary tag) {
        return resumed.remove(tag);
    }

    /** Puts the answer into the attach, as far as a frame has room for it. */
    void write(Attach attach, int frameSize) {
        if (answer.isEmpty()) {
            return;
        }
        Map<Binary, @Nullable DeliveryState> fitting = new HashMap<>();
        int room = (frameSize <= 0 ? Integer.MAX_VALUE : frameSize) / 2 - REST; // beyond an int: no limit
        for (Map.Entry<Binary, @Nullable DeliveryState> entry : answer.entrySet()) {
            room -= size(entry.getKey(), entry.getValue());
            if (room < 0) {
                attach.setIncompleteUnsettled(true);
                break;
            }
            fitting.put(entry.getKey(), entry.getValue());
        }
        attach.setUnsettled(fitting);
        answer = fitting;
    }

    private static int size(Binary tag, @Nullable DeliveryState state) {
        String description = state instanceof Rejected rejected && rejected.getError() != null
                ? rejected.getError().getDescription()
                : null;
        return ENTRY + tag.getLength() + (description == null ? 0 : 3 * description.length());
    }
}
