package org.millrace.plugin.mqtt.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;

/**
 * Hands what a group gets to its members, to each in turn that has demand, and knows how much the group may ask for. Not
 * safe for use by several threads; the group guards it.
 */
final class Turns {
    private final List<SharedMember> members = new ArrayList<>(2);
    /** Changes no member has demand for: those given back, and those asked for by members that left. */
    private final ArrayDeque<Change> undelivered = new ArrayDeque<>(0);

    private int turn;
    private long requested;

    boolean isEmpty() {
        return members.isEmpty();
    }

    void add(SharedMember member) {
        members.add(member);
    }

    boolean remove(SharedMember member) {
        return members.remove(member);
    }

    List<SharedMember> removeAll() {
        List<SharedMember> all = List.copyOf(members);
        members.clear();
        return all;
    }

    /** A new source has been asked for nothing yet. */
    void begin() {
        requested = 0;
    }

    /** What was not handed out is found again. */
    void sleep() {
        undelivered.clear();
    }

    /** The source has met one unit of what it was asked for. */
    void met() {
        requested--;
    }

    void add(List<Change> changes) {
        undelivered.addAll(changes);
    }

    void handOut(Change change) {
        undelivered.add(change);
        handOut();
    }

    /** Those that come back go before the others, in their order. */
    void putBack(List<Change> changes) {
        changes.reversed().forEach(undelivered::addFirst);
        handOut();
    }

    void handOut() {
        while (!undelivered.isEmpty()) {
            SharedMember member = next();
            if (member == null) {
                return;
            }
            member.take(undelivered.remove());
        }
    }

    private @Nullable SharedMember next() {
        for (int i = 0; i < members.size(); i++) {
            turn = (turn + 1) % members.size();
            SharedMember member = members.get(turn);
            if (member.credit() > 0) {
                return member;
            }
        }
        return null;
    }

    /** How much more to ask the source for, so that it is as much as the members have demand for; counted as asked for. */
    long ask() {
        long credits = 0;
        for (SharedMember member : members) {
            credits += member.credit();
        }
        long wanted = credits - requested;
        requested = Math.max(credits, requested);
        return wanted;
    }
}
