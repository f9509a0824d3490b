package org.millrace.plugin.amqp.connection;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.engine.Sender;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.feed.DeliveryTag;
import org.millrace.plugin.amqp.feed.Feed;
import org.millrace.plugin.amqp.feed.GroupSpec;
import org.millrace.plugin.amqp.feed.Groups;
import org.millrace.plugin.amqp.feed.Outcome;
import org.millrace.plugin.amqp.feed.SubscriptionFeed;
import org.millrace.plugin.amqp.link.LinkHost;
import org.millrace.plugin.amqp.link.Outcomes;
import org.millrace.plugin.amqp.link.SourceFilters;
import org.millrace.plugin.amqp.link.SourceFilters.StartAt;
import org.millrace.plugin.amqp.link.SourceLink;
import org.millrace.plugin.amqp.link.Starts;
import org.millrace.plugin.amqp.mapping.Address;
import org.millrace.plugin.amqp.mapping.OutgoingMessage;
import org.millrace.plugin.amqp.mapping.Selectable;
import org.millrace.plugin.amqp.selector.Selector;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.TopicFilter;

/** Attaches what clients receive from: paths and filters, queues, durable and shared subscriptions, temporary addresses. */
final class Sources {
    private static final Symbol COPY = Symbol.valueOf("copy");

    private final AmqpServer server;
    private final LinkHost host;
    private final ConnectionInfo via;

    Sources(AmqpServer server, LinkHost host, ConnectionInfo via) {
        this.server = server;
        this.host = host;
        this.via = via;
    }

    void attach(Sender sender, Unsettled unsettled) {
        sender.setTarget(sender.getRemoteTarget());
        sender.setSenderSettleMode(sender.getRemoteSenderSettleMode());
        sender.setReceiverSettleMode(sender.getRemoteReceiverSettleMode());
        if (!(sender.getRemoteSource() instanceof Source asked)) {
            recover(sender, recalled(unsettled));
            return;
        }
        SourceFilters filters =
                SourceFilters.parse(asked.getFilter(), host.clock().instant());
        String address =
                asked.getDynamic() ? Capabilities.temporaryAddress(server.config.replyTable()) : asked.getAddress();
        if (address == null || address.isEmpty()) {
            throw new ResourceException(
                    ErrorCode.INVALID, "link '" + sender.getName() + "' has a source without an address");
        }
        Source granted = granted(asked, filters);
        granted.setAddress(address);
        sender.setSource(granted);
        follow(sender, Address.parse(address), asked, filters, recalled(unsettled));
    }

    /** The key of the durable subscription a link asks for, if it is one that goes with its client from node to node. */
    Optional<String> durableKey(Sender sender) {
        if (!(sender.getRemoteSource() instanceof Source asked)) {
            return Optional.of(Groups.subscriptionKey(via.clientId(), untilBar(sender.getName())));
        }
        Symbol[] capabilities = asked.getCapabilities();
        if (!isDurable(asked) || Capabilities.has(capabilities, Capabilities.SHARED)) {
            return Optional.empty();
        }
        return Optional.of(Groups.subscriptionKey(container(capabilities), sender.getName()));
    }

    private static boolean isDurable(Source asked) {
        return asked.getDurable() != TerminusDurability.NONE || asked.getExpiryPolicy() == TerminusExpiryPolicy.NEVER;
    }

    /** Whose the name of a subscription is; empty if it is one for all clients. */
    private String container(Symbol[] capabilities) {
        return Capabilities.has(capabilities, Capabilities.GLOBAL) ? "" : via.clientId();
    }

    private static Source granted(Source asked, SourceFilters filters) {
        Source granted = new Source();
        granted.setCapabilities(Capabilities.granted(asked.getCapabilities()));
        granted.setDurable(asked.getDurable());
        granted.setExpiryPolicy(asked.getExpiryPolicy());
        granted.setTimeout(asked.getTimeout());
        granted.setDynamic(asked.getDynamic());
        granted.setDynamicNodeProperties(asked.getDynamicNodeProperties());
        granted.setDistributionMode(asked.getDistributionMode());
        granted.setDefaultOutcome(asked.getDefaultOutcome());
        granted.setOutcomes(asked.getOutcomes());
        granted.setFilter(filters.granted());
        return granted;
    }

    private void follow(
            Sender sender, Address address, Source asked, SourceFilters filters, Map<Cursor, Outcome> recalled) {
        TopicFilter filter = address.filter();
        Starts starts = new Starts(host.resources(), filter);
        Predicate<Change> wanted = wanted(filters);
        Symbol[] capabilities = asked.getCapabilities();
        Capabilities.requireOneKind(capabilities, address);
        boolean topic = Capabilities.asksForTopic(capabilities, address);
        boolean queue = !topic
                && (Capabilities.asksForQueue(capabilities, address)
                        || (filter.isExact() && server.groups.isQueue(address.path())));
        boolean durable = isDurable(asked);
        boolean shared = Capabilities.has(capabilities, Capabilities.SHARED);
        if (queue && COPY.equals(asked.getDistributionMode())) {
            Groups.Contents contents = server.groups.browse(Groups.queue(filter), starts.head());
            subscribe(sender, starts, new Start.After(contents.start()), filters, wanted.and(contents.wanted()));
        } else if (queue) {
            join(sender, Groups.queue(filter), starts, filters, wanted, recalled);
        } else if (durable || shared) {
            String name = shared ? untilBar(sender.getName()) : sender.getName();
            String condition = filters.selector() + (filters.noLocal() ? " no-local" : "");
            GroupSpec spec = new GroupSpec(
                    Groups.subscriptionKey(container(capabilities), name), filter, condition, durable, !shared, false);
            join(sender, spec, starts, filters, wanted, recalled);
        } else {
            StartAt at = filters.start();
            if (at == null) {
                boolean state = filter.isExact() && !asked.getDynamic() && !topic;
                at = state || !filters.query().isEmpty() ? new StartAt.Current() : new StartAt.Now();
            }
            Starts.Resolved start = starts.resolve(at);
            subscribe(sender, starts, start.start(), filters, wanted.and(start.wanted()));
        }
    }

    /** Clients put what tells the receivers of one subscription apart behind a bar. */
    private static String untilBar(String linkName) {
        int bar = linkName.indexOf('|');
        return bar < 0 ? linkName : linkName.substring(0, bar);
    }

    private Predicate<Change> wanted(SourceFilters filters) {
        Predicate<Change> wanted = _ -> true;
        if (!filters.selector().isEmpty()) {
            Selector selector = Selector.parse(filters.selector());
            wanted = change -> selector.matches(Selectable.of(change)::get);
        }
        if (filters.noLocal()) {
            String own = via.clientId();
            wanted = wanted.and(change -> !change.source().equals(own));
        }
        return wanted;
    }

    private void subscribe(Sender sender, Starts starts, Start start, SourceFilters filters, Predicate<Change> wanted) {
        SourceLink link = link(sender, filters, Outcome.ACCEPTED);
        Feed feed = SubscriptionFeed.open(host.resources(), starts.request(start, filters), wanted, link);
        open(sender, link, feed);
    }

    private void join(
            Sender sender,
            GroupSpec spec,
            Starts starts,
            SourceFilters filters,
            Predicate<Change> wanted,
            Map<Cursor, Outcome> recalled) {
        SourceLink link = link(sender, filters, Outcome.RELEASED);
        // Asking for the head asks whether the client may subscribe, which the group's own view would not.
        Feed feed = server.groups.join(
                spec, starts.head(), host.resources(), via, host.eventLoop(), wanted, recalled, link);
        open(sender, link, feed);
    }

    /** What a client accepted or rejected and could not tell before its connection broke; all else comes again. */
    private static Map<Cursor, Outcome> recalled(Unsettled unsettled) {
        Map<Cursor, Outcome> recalled = new HashMap<>(0);
        unsettled.claimed().forEach((tag, state) -> {
            Outcome outcome = Outcomes.of(state);
            if (outcome == Outcome.ACCEPTED || outcome == Outcome.REJECTED) {
                DeliveryTag.place(tag).ifPresent(place -> recalled.put(place, outcome));
            }
        });
        return Map.copyOf(recalled);
    }

    private SourceLink link(Sender sender, SourceFilters filters, Outcome otherwise) {
        return new SourceLink(host, sender, format(filters.accept()), otherwise);
    }

    private static Function<Change, OutgoingMessage> format(@Nullable MediaType accept) {
        return accept == null ? OutgoingMessage::of : change -> OutgoingMessage.of(change, accept);
    }

    private static void open(Sender sender, SourceLink link, Feed feed) {
        sender.setContext(link);
        sender.open();
        link.start(feed);
    }

    /** A link without a source asks for the durable subscription of its name (AMQP 1.0 section 2.6.3). */
    private void recover(Sender sender, Map<Cursor, Outcome> recalled) {
        GroupSpec spec = server.groups
                .find(Groups.subscriptionKey(via.clientId(), untilBar(sender.getName())))
                .or(() -> server.groups.find(Groups.subscriptionKey("", untilBar(sender.getName()))))
                .orElseThrow(() -> new ResourceException(
                        ErrorCode.NOT_FOUND,
                        "link '" + sender.getName() + "' has no source, and there is no subscription of this name"));
        Source source = new Source();
        source.setAddress(spec.filter().toString());
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        sender.setSource(source);
        String condition = spec.condition();
        boolean noLocal = condition.endsWith(" no-local");
        String text = noLocal ? condition.substring(0, condition.length() - " no-local".length()) : condition;
        SourceFilters filters = SourceFilters.of(text, noLocal);
        join(sender, spec, new Starts(host.resources(), spec.filter()), filters, wanted(filters), recalled);
    }
}
