package org.millrace.plugin.amqp.feed;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;

/**
 * One receiver's part in a group. Its feed methods are called on the receiver's own loop, and act at the group's home; all
 * else belongs to the home.
 */
final class Member implements Feed {
    final Receiver receiver;
    private final Group group;
    private final EventLoop loop;
    private final Predicate<Change> wanted;
    private final LinkedHashSet<Item> given = new LinkedHashSet<>();
    private final List<Item> batch = new ArrayList<>();
    /** What this receiver said it does not want again, of what is not settled yet. */
    private final Set<Long> refused = new HashSet<>(0);

    private long demand;

    /** What became of items the receiver got over a link it attached again, and could not tell. */
    private final Map<Cursor, Outcome> recalled;

    Member(Group group, EventLoop loop, Predicate<Change> wanted, Map<Cursor, Outcome> recalled, Receiver receiver) {
        this.group = group;
        this.loop = loop;
        this.wanted = wanted;
        this.recalled = recalled;
        this.receiver = receiver;
    }

    void tell(Runnable task) {
        loop.execute(task);
    }

    long demand() {
        return demand;
    }

    boolean takes(Item item) {
        return demand > 0 && mayHave(item);
    }

    boolean mayHave(Item item) {
        return !refused.contains(item.position()) && wanted.test(item.change());
    }

    void give(Item item) {
        demand--;
        given.add(item);
        batch.add(item);
    }

    /** Takes an item over that the receiver has already. */
    void keep(Item item) {
        given.add(item);
    }

    boolean takeBack(Item item) {
        return given.remove(item);
    }

    List<Item> takeBackAll() {
        List<Item> all = new ArrayList<>(given);
        given.clear();
        batch.clear();
        demand = 0;
        return all;
    }

    /** What the receiver says became of an item that was delivered before; null if it says nothing. */
    @Nullable
    Outcome recalls(Item item) {
        return recalled.isEmpty() || !item.again()
                ? null
                : recalled.get(item.change().cursor());
    }

    void refuse(Item item) {
        refused.add(item.position());
    }

    void forget(Item item) {
        if (!refused.isEmpty()) {
            refused.remove(item.position());
        }
    }

    /** Hands over what was given since the last time. */
    void push() {
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
        group.onHome(() -> {
            demand += n;
            group.distribute();
        });
    }

    @Override
    public boolean withdraw() {
        group.onHome(() -> demand = 0);
        return true;
    }

    @Override
    public byte @Nullable [] tag(Item item) {
        return item.tracked() ? DeliveryTag.of(item.change().cursor()) : null;
    }

    @Override
    public void settle(Item item, Outcome outcome) {
        group.onHome(() -> {
            if (given.remove(item)) {
                group.settled(this, item, outcome);
            }
        });
    }

    @Override
    public CompletionStage<Retirement> retire(List<Item> items) {
        CompletableFuture<Retirement> prepared = new CompletableFuture<>();
        group.onHome(() -> {
            Retirement retirement = group.retire(this, items);
            tell(() -> prepared.complete(retirement));
        });
        return prepared;
    }

    @Override
    public void askIdle(Consumer<Boolean> answer) {
        group.onHome(() -> {
            boolean idle = group.isIdle(this);
            tell(() -> answer.accept(idle));
        });
    }

    @Override
    public void close(boolean forGood) {
        group.onHome(() -> group.leave(this, forGood));
    }
}
