package org.millrace.plugin.mqtt.delivery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;

/**
 * Which of a group's changes are not over: those some member has, or none could take yet. A change that one session has
 * begun to hand over at QoS 2 is reserved to it, until that session itself remembers it. Bounded by the demand of the
 * members. Not safe for use by several threads; the group guards it.
 */
final class SharedLine {
    /** Reserved to no session. */
    static final String ANYBODY = "";

    /** Taken from the present source, by place. */
    private final TreeMap<Long, String> open = new TreeMap<>();
    /** Taken from an earlier source, and to be found again by the present one. */
    private final TreeMap<Long, String> missing = new TreeMap<>();
    /** Those found again that are reserved to a session which may turn out not to have them. */
    private final Map<Long, Change> held = new HashMap<>(0);

    private long node;
    private long taken;

    /** Begins where a source begins; nothing earlier will be found again. */
    void begin(Cursor at) {
        missing.clear();
        node = at.node();
        taken = at.position();
    }

    /**
     * Begins where an earlier one was.
     *
     * @param sessions those that are members; what is reserved to others would wait for them forever
     */
    void restore(GroupState state, Set<String> sessions) {
        begin(state.taken());
        state.open().forEach((seq, session) -> missing.put(seq, sessions.contains(session) ? session : ANYBODY));
    }

    GroupState state() {
        TreeMap<Long, String> all = new TreeMap<>(missing);
        all.putAll(open);
        return new GroupState(new Cursor(node, taken), all);
    }

    /** The place of {@link #state}. */
    Cursor place() {
        long first = Math.min(
                open.isEmpty() ? Long.MAX_VALUE : open.firstKey(),
                missing.isEmpty() ? Long.MAX_VALUE : missing.firstKey());
        return new Cursor(node, first > taken ? taken : first - 1);
    }

    /** A journaled change comes from the source; false if it is over, or reserved. */
    boolean take(Change change) {
        long seq = change.cursor().position();
        if (seq > taken) {
            missing.clear(); // what was not found is not there any more
            taken = seq;
            open.put(seq, ANYBODY);
            return true;
        }
        missing.headMap(seq).clear();
        String session = missing.remove(seq);
        if (session == null) {
            return false;
        }
        open.put(seq, session);
        if (session.equals(ANYBODY)) {
            return true;
        }
        held.put(seq, change);
        return false;
    }

    /** The source is so far. */
    void passed(long position) {
        if (position >= taken) {
            missing.clear();
            taken = position;
        }
    }

    void over(long seq) {
        open.remove(seq);
        missing.remove(seq);
        held.remove(seq);
    }

    boolean isOpen(long seq) {
        return open.containsKey(seq);
    }

    void reserve(long seq, String session) {
        open.computeIfPresent(seq, (s, before) -> session);
    }

    /** A session does not hand over what was reserved to it; gives the change if it was found again meanwhile. */
    @Nullable
    Change release(long seq, String session) {
        if (open.replace(seq, session, ANYBODY) || missing.replace(seq, session, ANYBODY)) {
            return held.remove(seq);
        }
        return null;
    }

    /** Some of what is reserved to a session is over, for the session has it. */
    void remembered(String session, Set<Long> owned) {
        for (long seq : owned) {
            if (session.equals(open.get(seq)) || session.equals(missing.get(seq))) {
                over(seq);
            }
        }
    }

    /** What is reserved to a session is over as far as the session has it; the rest anybody may have, and is returned. */
    List<Change> settle(String session, Set<Long> owned) {
        List<Change> free = new ArrayList<>(0);
        settle(missing, session, owned, free);
        settle(open, session, owned, free);
        return free;
    }

    private void settle(TreeMap<Long, String> places, String session, Set<Long> owned, List<Change> free) {
        places.entrySet().removeIf(entry -> {
            if (!entry.getValue().equals(session)) {
                return false;
            }
            @Nullable Change found = held.remove(entry.getKey());
            if (owned.contains(entry.getKey())) {
                return true;
            }
            entry.setValue(ANYBODY);
            if (found != null) {
                free.add(found);
            }
            return false;
        });
    }

    /** The source ends; the next one will show again what is not over. */
    void sleep() {
        missing.putAll(open);
        open.clear();
        held.clear();
    }
}
