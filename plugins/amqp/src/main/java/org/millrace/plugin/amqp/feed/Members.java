package org.millrace.plugin.amqp.feed;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The receivers of a group, which are served in turn. Used by the group's home. */
final class Members {
    private final List<Member> all = new ArrayList<>(2);
    private int turn;

    /** What a member says became of an item before it attached its link again. */
    record Recollection(Member member, Outcome outcome) {}

    void add(Member member) {
        all.add(member);
    }

    /** Returns false if it was none. */
    boolean remove(Member member) {
        return all.remove(member);
    }

    boolean contains(Member member) {
        return all.contains(member);
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** Those there are now; the list does not change with them. */
    List<Member> present() {
        return List.copyOf(all);
    }

    /** How many items all of them together would take. */
    long demand() {
        long sum = 0;
        for (Member member : all) {
            sum += member.demand();
        }
        return sum;
    }

    /** Whose turn it is to take an item; null if nobody takes it. */
    @Nullable
    Member next(Item item) {
        for (int i = 0; i < all.size(); i++) {
            turn = (turn + 1) % all.size();
            Member member = all.get(turn);
            if (member.takes(item)) {
                return member;
            }
        }
        return null;
    }

    /** What was said of an item when a link was attached again; null if nothing was. */
    @Nullable
    Recollection recollection(Item item) {
        for (Member member : all) {
            Outcome outcome = member.recalls(item);
            if (outcome != null) {
                return new Recollection(member, outcome);
            }
        }
        return null;
    }

    /** Hands over what was given to them. */
    void push() {
        for (Member member : all) {
            member.push();
        }
    }

    void forget(Item item) {
        for (Member member : all) {
            member.forget(item);
        }
    }

    /** Tells all of them why it is over, each on its own loop, and has none any more. */
    void dismiss(Consumer<Feed.Receiver> reason) {
        all.forEach(member -> member.tell(() -> reason.accept(member.receiver)));
        all.clear();
    }
}
