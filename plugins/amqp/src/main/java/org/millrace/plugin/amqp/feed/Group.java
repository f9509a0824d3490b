package org.millrace.plugin.amqp.feed;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;

/**
 * One host subscription whose changes go to one of several receivers each, in turn among those with demand. What a
 * receiver does not settle goes to another. Lives on one event loop, its home; members on other loops are told by tasks
 * there, and tell by tasks here.
 */
final class Group implements Subscriber {
    /** Changes that may wait because no member with demand wants them; beyond it the group reads on no further. */
    private static final int MAX_WAITING = 10_000;

    private static final long SAVE_MILLIS = 50;
    private static final long IDLE_SAVE_SECONDS = 10;
    /** How long a durable group waits for the next member: a client that detaches often attaches again at once. */
    private static final long LINGER_MILLIS = 1000;

    private final Groups groups;
    private final GroupSpec spec;
    private final EventLoop home;
    private final Resources view;
    private final GroupPlace from;
    private final SubscribeRequest request;
    private final List<Member> members = new ArrayList<>(2);
    private final ArrayDeque<Item> waiting = new ArrayDeque<>(0);
    private final TreeSet<Long> open = new TreeSet<>();
    private @Nullable Subscription source;
    private long high;
    private long requested;
    private int turn;
    private boolean past = true;
    private boolean saving;
    private boolean settling;
    private long savedHigh = -1;
    private @Nullable Future<?> idleSave;
    private boolean over;

    Group(Groups groups, GroupSpec spec, EventLoop home, Resources view, GroupPlace from) {
        this.groups = groups;
        this.spec = spec;
        this.home = home;
        this.view = view;
        this.from = from;
        this.high = from.high();
        this.request = SubscribeRequest.every(spec.filter(), new Start.After(from.start()));
        // What is open is read again from the journal; until then it must not be forgotten.
        open.addAll(from.open());
    }

    /** Subscribes; called before any other method. */
    void start() {
        source = view.subscribe(request, this);
        if (spec.durable()) {
            save();
            idleSave =
                    home.scheduleAtFixedRate(this::saveIfMoved, IDLE_SAVE_SECONDS, IDLE_SAVE_SECONDS, TimeUnit.SECONDS);
        }
    }

    GroupSpec spec() {
        return spec;
    }

    private void onHome(Runnable task) {
        if (home.inEventLoop()) {
            task.run();
        } else {
            home.execute(task);
        }
    }

    /** Adds a member; it is told if the group is over. */
    Feed join(EventLoop loop, Predicate<Change> wanted, Feed.Receiver receiver) {
        Member member = new Member(loop, wanted, receiver);
        onHome(() -> add(member));
        return member;
    }

    private void add(Member member) {
        if (over) {
            member.tell(() -> member.receiver.ended(
                    new ResourceException(ErrorCode.UNAVAILABLE, "the subscription ended just now; attach again")));
            return;
        }
        List<Member> others = List.copyOf(members);
        members.add(member);
        if (spec.exclusive()) {
            for (Member before : others) {
                before.tell(before.receiver::stolen);
                leave(before);
            }
        }
    }

    /** Ends because another group takes over the key; the place is that group's now. */
    void replaced() {
        onHome(() -> {
            if (!over) {
                over = true;
                members.forEach(member -> member.tell(member.receiver::stolen));
                members.clear();
                view.close();
            }
        });
    }

    // The host's side, on the home loop.

    @Override
    public void onChange(Change change, Reason reason) {
        requested--;
        long position = change.cursor().position();
        boolean before = position <= from.high();
        if ((before && !from.open().contains(position)) || change.kind() == ChangeKind.EXPIRE) {
            open.remove(position);
            demand(); // settled by an earlier run, or of no interest
            return;
        }
        boolean tracked = before || position > high;
        if (tracked) {
            high = Math.max(high, position);
            open.add(position);
        }
        waiting.add(new Item(change, 0, before, tracked));
    }

    @Override
    public void onCaughtUp(Cursor at) {
        past = false;
        distribute();
    }

    @Override
    public void onBatchEnd() {
        distribute();
    }

    @Override
    public void onClosed(ResourceException reason) {
        end(reason);
    }

    private void end(ResourceException reason) {
        if (over) {
            return;
        }
        for (Member member : members) {
            member.tell(() -> member.receiver.ended(reason));
        }
        members.clear();
        stop();
    }

    private void distribute() {
        if (!waiting.isEmpty()) {
            Iterator<Item> items = waiting.iterator();
            while (items.hasNext() && demandOfAll() > 0) {
                Item item = items.next();
                Member member = next(item);
                if (member != null) {
                    items.remove();
                    member.give(item);
                }
            }
        }
        for (Member member : members) {
            member.push();
        }
        demand();
    }

    private long demandOfAll() {
        long all = 0;
        for (Member member : members) {
            all += member.demand;
        }
        return all;
    }

    private @Nullable Member next(Item item) {
        for (int i = 0; i < members.size(); i++) {
            turn = (turn + 1) % members.size();
            Member member = members.get(turn);
            if (member.demand > 0 && member.refused != item.position() && member.wanted.test(item.change())) {
                return member;
            }
        }
        return null;
    }

    private void demand() {
        long more = Math.min(demandOfAll(), MAX_WAITING - waiting.size()) - requested;
        if (more > 0 && source != null && !over) {
            requested += more;
            source.request(more);
        }
    }

    private void settled(Member member, Item item, Outcome outcome) {
        switch (outcome) {
            case ACCEPTED -> finished(item);
            case REJECTED -> groups.bury(item.change(), view, () -> onHome(() -> finished(item)));
            case RELEASED -> back(item);
            case FAILED -> {
                Item failed = item.failed();
                if (groups.isTooOften(failed.failures())) {
                    groups.bury(item.change(), view, () -> onHome(() -> finished(item)));
                } else {
                    back(failed);
                }
            }
            case UNWANTED -> {
                member.refused = item.position();
                back(item.failed());
            }
        }
    }

    private void finished(Item item) {
        if (item.tracked()) {
            open.remove(item.position());
        }
        if (spec.durable() && !saving && !over) {
            saving = true;
            var _ = home.schedule(
                    () -> {
                        saving = false;
                        save();
                    },
                    SAVE_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
    }

    /** Puts an item back where it was in order. */
    private void back(Item item) {
        if (waiting.isEmpty() || waiting.getLast().position() < item.position()) {
            waiting.addLast(item);
        } else if (waiting.getFirst().position() > item.position()) {
            waiting.addFirst(item);
        } else {
            List<Item> all = new ArrayList<>(waiting);
            all.add(item);
            all.sort(java.util.Comparator.comparingLong(Item::position));
            waiting.clear();
            waiting.addAll(all);
        }
        if (!settling) {
            distribute();
        }
    }

    private GroupPlace place() {
        long end = high;
        if (open.isEmpty() && source != null && !past) {
            end = Math.max(high, source.position().position()); // past what is not of this group
        }
        return new GroupPlace(
                from.node(), end, new TreeSet<>(open), spec.filter().toString(), spec.condition());
    }

    private void save() {
        if (!over) {
            GroupPlace now = place();
            savedHigh = now.high();
            groups.save(spec, now);
        }
    }

    private void leave(Member member) {
        if (!members.remove(member)) {
            return;
        }
        settling = true;
        List<Item> back = new ArrayList<>(member.given);
        member.given.clear();
        member.batch.clear();
        member.demand = 0;
        for (Item item : back) {
            back(item.repeated());
        }
        settling = false;
        if (!members.isEmpty()) {
            distribute();
        } else if (spec.durable()) {
            save();
            var _ = home.schedule(this::endIfAlone, LINGER_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            stop();
        }
    }

    private void endIfAlone() {
        if (members.isEmpty() && !over) {
            save();
            stop();
        }
    }

    private void stop() {
        over = true;
        groups.gone(this);
        view.close();
        if (idleSave != null) {
            idleSave.cancel(false);
        }
    }

    /** So that a place does not hold the journal back while nothing comes for its group. */
    private void saveIfMoved() {
        GroupPlace now = place();
        if (!over && now.high() != savedHigh) {
            save();
        }
    }

    /** One receiver's part. Its feed methods are called on its own loop, and act at home. */
    private final class Member implements Feed {
        private final EventLoop loop;
        private final Predicate<Change> wanted;
        private final Receiver receiver;
        // At home:
        private final java.util.LinkedHashSet<Item> given = new java.util.LinkedHashSet<>();
        private final List<Item> batch = new ArrayList<>();
        private long demand;
        private long refused = -1;

        Member(EventLoop loop, Predicate<Change> wanted, Receiver receiver) {
            this.loop = loop;
            this.wanted = wanted;
            this.receiver = receiver;
        }

        private void tell(Runnable task) {
            loop.execute(task);
        }

        private void give(Item item) {
            demand--;
            given.add(item);
            batch.add(item);
        }

        private void push() {
            if (batch.isEmpty()) {
                return;
            }
            List<Item> items = List.copyOf(batch);
            batch.clear();
            tell(() -> {
                for (Item item : items) {
                    receiver.offer(item);
                }
                receiver.batchEnd();
            });
        }

        @Override
        public void request(long n) {
            onHome(() -> {
                demand += n;
                distribute();
            });
        }

        @Override
        public boolean withdraw() {
            onHome(() -> demand = 0);
            return true;
        }

        @Override
        public void settle(Item item, Outcome outcome) {
            onHome(() -> {
                if (given.remove(item)) {
                    settled(this, item, outcome);
                }
            });
        }

        @Override
        public void askIdle(Consumer<Boolean> answer) {
            onHome(() -> {
                Subscription running = source;
                boolean idle = over
                        || (running != null
                                && !past
                                && waiting.stream().noneMatch(item -> wanted.test(item.change()))
                                && SubscriptionFeed.isAtHead(view, request, running));
                tell(() -> answer.accept(idle));
            });
        }

        @Override
        public void close(boolean forGood) {
            onHome(() -> {
                leave(this);
                if (forGood && spec.durable() && !spec.queue() && members.isEmpty() && !over) {
                    stop();
                    groups.forget(spec);
                }
            });
        }
    }
}
