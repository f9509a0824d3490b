package org.millrace.plugin.mqtt.session;

import static org.millrace.plugin.mqtt.session.KeptForm.cursor;
import static org.millrace.plugin.mqtt.session.KeptForm.decode;
import static org.millrace.plugin.mqtt.session.KeptForm.encode;
import static org.millrace.plugin.mqtt.session.KeptForm.number;
import static org.millrace.plugin.mqtt.session.KeptForm.text;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.millrace.plugin.mqtt.delivery.GroupKey;
import org.millrace.plugin.mqtt.delivery.GroupState;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.TopicFilter;

/** How far the groups of shared subscriptions are, as bytes and back. Stateless, for any thread. */
final class GroupCodec {
    private GroupCodec() {}

    static byte[] group(GroupKey key, GroupState state) {
        return encode(out -> {
            text(out, key.user());
            text(out, key.share());
            text(out, key.filter().toString());
            cursor(out, state.taken());
            number(out, state.open().size());
            long seq = 0;
            for (Map.Entry<Long, String> entry : state.open().entrySet()) {
                number(out, entry.getKey() - seq);
                text(out, entry.getValue());
                seq = entry.getKey();
            }
        });
    }

    static void group(byte[] value, BiConsumer<GroupKey, GroupState> then) {
        Map.Entry<GroupKey, GroupState> group = decode(value, in -> {
            GroupKey key = new GroupKey(text(in), text(in), TopicFilter.of(text(in)));
            Cursor taken = cursor(in);
            if (taken == null) {
                throw new IllegalArgumentException("a group has no place");
            }
            SortedMap<Long, String> open = new TreeMap<>();
            long seq = 0;
            for (long i = number(in); i > 0; i--) {
                seq += number(in);
                open.put(seq, text(in));
            }
            return Map.entry(key, new GroupState(taken, open));
        });
        then.accept(group.getKey(), group.getValue());
    }
}
