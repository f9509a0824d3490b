package org.millrace.plugin.amqp.feed;

import io.netty.channel.EventLoop;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
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

    /** How long a durable group waits for the next member: a client that detaches often attaches again at once. */
    private static final long LINGER_MILLIS = 1000;

    private final Groups groups;
    private final Places places;
    private final DeadLetters deadLetters;
    private final GroupSpec spec;
    private final EventLoop home;
    private final Resources view;
    private final SubscribeRequest request;
    private final Members members = new Members();
    private final Waiting waiting = new Waiting();
    private final Progress progress;
    private final Retirements retirements;
    private final PlaceWriter writer;
    private @Nullable Subscription source;
    private long requested;
    private boolean past = true;
    private boolean settling;
    private boolean over;

    Group(
            Groups groups,
            Places places,
            DeadLetters deadLetters,
            GroupSpec spec,
            EventLoop home,
            Resources view,
            GroupPlace from) {
        this.groups = groups;
        this.places = places;
        this.deadLetters = deadLetters;
        this.spec = spec;
        this.home = home;
        this.view = view;
        this.progress = new Progress(spec, from);
        RetiredPositions retired = new RetiredPositions(spec.key());
        this.retirements = new Retirements(this, spec.durable(), retired);
        this.writer = new PlaceWriter(places, spec, home, progress, retired, this::place, this::distribute);
        this.request = SubscribeRequest.every(spec.filter(), new Start.After(from.start()));
    }

    /** Subscribes; called before any other method. */
    void start() {
        source = view.subscribe(request, this);
        if (spec.durable()) {
            writer.start();
        }
    }

    GroupSpec spec() {
        return spec;
    }

    void onHome(Runnable task) {
        if (home.inEventLoop()) {
            task.run();
        } else {
            home.execute(task);
        }
    }

    /** Adds a member; it is told if the group is over. */
    Feed join(EventLoop loop, Predicate<Change> wanted, Map<Cursor, Outcome> recalled, Feed.Receiver receiver) {
        Member member = new Member(this, loop, wanted, recalled, receiver);
        onHome(() -> add(member));
        return member;
    }

    private void add(Member member) {
        if (over) {
            member.tell(() -> member.receiver.ended(
                    new ResourceException(ErrorCode.UNAVAILABLE, "the subscription ended just now; attach again")));
            return;
        }
        List<Member> others = members.present();
        members.add(member);
        if (spec.exclusive()) {
            for (Member before : others) {
                before.tell(before.receiver::stolen);
                remove(before);
            }
        }
        for (Item item : waiting.removeIf(item -> member.recalls(item) != null)) {
            settledBefore(item);
        }
        if (spec.durable() && others.isEmpty()) {
            writer.extend();
        }
    }

    /** Settles an item if its receiver said what became of it when it attached its link again. */
    private boolean settledBefore(Item item) {
        Members.Recollection said = members.recollection(item);
        if (said == null) {
            return false;
        }
        settled(said.member(), item, said.outcome());
        return true;
    }

    /** Ends because another group takes over the key; the place is that group's now. */
    void replaced() {
        onHome(() -> {
            if (!over) {
                over = true;
                members.dismiss(Feed.Receiver::stolen);
                writer.stop();
                view.close();
            }
        });
    }

    /** Ends because another node takes over; gives the last place, if it was not over before. Any thread. */
    CompletableFuture<Optional<GroupPlace>> handOver() {
        CompletableFuture<Optional<GroupPlace>> last = new CompletableFuture<>();
        onHome(() -> {
            if (over) {
                last.complete(Optional.empty());
                return;
            }
            members.dismiss(Feed.Receiver::stolen);
            GroupPlace place = place();
            stop();
            last.complete(Optional.of(place));
        });
        return last;
    }

    // The host's side, on the home loop.

    @Override
    public void onChange(Change change, Reason reason) {
        requested--;
        Item item = progress.came(change);
        if (item == null) {
            demand();
        } else if (settledBefore(item)) {
            demand();
        } else {
            waiting.add(item);
        }
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
        if (over) {
            return;
        }
        members.dismiss(receiver -> receiver.ended(reason));
        stop();
    }

    void distribute() {
        Iterator<Item> items = waiting.iterator();
        long last = -1;
        while (items.hasNext() && members.demand() > 0) {
            Item item = items.next();
            last = item.position();
            if (!progress.reach.covers(last)) {
                break;
            }
            Member member = members.next(item);
            if (member != null) {
                items.remove();
                member.give(item);
                progress.offered(item);
            }
        }
        members.push();
        if (last >= 0 && spec.durable() && progress.reach.isShortOf(last)) {
            writer.extend();
        }
        demand();
    }

    private void demand() {
        long more = Math.min(members.demand(), MAX_WAITING - waiting.size()) - requested;
        if (more > 0 && source != null && !over) {
            requested += more;
            source.request(more);
        }
    }

    // The members' side.

    boolean isIdle(Member member) {
        Subscription running = source;
        return over
                || (running != null
                        && !past
                        && !waiting.has(member::mayHave)
                        && SubscriptionFeed.isAtHead(view, request, running));
    }

    void settled(Member member, Item item, Outcome outcome) {
        switch (outcome) {
            case ACCEPTED -> finished(item);
            case REJECTED -> deadLetters.bury(item.change(), view, () -> onHome(() -> finished(item)));
            case RELEASED -> back(item);
            case FAILED -> {
                Item failed = item.failed();
                if (deadLetters.isTooOften(failed.failures())) {
                    deadLetters.bury(item.change(), view, () -> onHome(() -> finished(item)));
                } else {
                    back(failed);
                }
            }
            case UNWANTED -> {
                member.refuse(item);
                back(item.failed());
            }
        }
    }

    Retirement retire(Member member, List<Item> items) {
        return retirements.begin(member, items);
    }

    /** What a member had wanted to accept is its own again, or another's if it has gone. */
    void notAccepted(Member member, Item item) {
        if (members.contains(member)) {
            member.keep(item);
        } else {
            back(item.repeated());
        }
    }

    /** An item is done with. */
    void finished(Item item) {
        progress.settled(item);
        members.forget(item);
        if (spec.durable()) {
            writer.settled();
        }
    }

    private void back(Item item) {
        if (!settledBefore(item)) {
            waiting.putBack(item);
        }
        if (!settling) {
            distribute();
        }
    }

    void leave(Member member, boolean forGood) {
        remove(member);
        if (forGood && spec.durable() && !spec.queue() && members.isEmpty() && !over) {
            stop();
            groups.forget(spec);
        }
    }

    private void remove(Member member) {
        if (!members.remove(member)) {
            return;
        }
        settling = true;
        member.takeBackAll().forEach(item -> back(item.repeated()));
        settling = false;
        if (!members.isEmpty()) {
            distribute();
        } else if (spec.durable()) {
            progress.nobodyIsThere();
            writer.save();
            var _ = home.schedule(this::endIfAlone, LINGER_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            stop();
        }
    }

    private void endIfAlone() {
        if (!members.isEmpty() || over) {
            return;
        }
        if (retirements.isAnyUndecided()) {
            var _ = home.schedule(this::endIfAlone, LINGER_MILLIS, TimeUnit.MILLISECONDS);
            return;
        }
        writer.save();
        stop();
    }

    private void stop() {
        over = true;
        writer.stop();
        groups.gone(this);
        view.close();
    }

    private GroupPlace place() {
        Subscription running = source;
        long readTo = running == null || past ? -1 : running.position().position();
        return progress.place(readTo, members.isEmpty() ? places.now() : 0);
    }
}
