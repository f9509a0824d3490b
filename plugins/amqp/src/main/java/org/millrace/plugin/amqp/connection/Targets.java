package org.millrace.plugin.amqp.connection;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.Receiver;
import org.millrace.plugin.amqp.feed.GroupSpec;
import org.millrace.plugin.amqp.feed.Groups;
import org.millrace.plugin.amqp.link.LinkHost;
import org.millrace.plugin.amqp.link.RecoverableLink;
import org.millrace.plugin.amqp.link.RecoverableLinks;
import org.millrace.plugin.amqp.link.TargetLink;
import org.millrace.plugin.amqp.mapping.Address;
import org.millrace.plugin.amqp.mapping.IncomingMessage;
import org.millrace.plugin.amqp.mapping.MessageMapping;
import org.millrace.plugin.amqp.mapping.Operation;
import org.millrace.plugin.amqp.request.ResourceRequests;
import org.millrace.plugin.amqp.transaction.Coordinator;
import org.millrace.plugin.amqp.transaction.Transaction;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Write;

/** Attaches what clients send to: paths, collections, the anonymous terminus, temporary queues, the coordinator. */
final class Targets {
    private final AmqpServer server;
    private final LinkHost host;
    private final ConnectionInfo via;

    Targets(AmqpServer server, LinkHost host, ConnectionInfo via) {
        this.server = server;
        this.host = host;
        this.via = via;
    }

    void attach(Receiver receiver, Unsettled unsettled) {
        receiver.setSource(receiver.getRemoteSource());
        receiver.setReceiverSettleMode(receiver.getRemoteReceiverSettleMode());
        receiver.setSenderSettleMode(receiver.getRemoteSenderSettleMode());
        switch (receiver.getRemoteTarget()) {
            case org.apache.qpid.proton.amqp.transaction.Coordinator asked -> {
                receiver.setReceiverSettleMode(ReceiverSettleMode.FIRST);
                receiver.setTarget(asked);
                Coordinator coordinator = new Coordinator(host, receiver);
                receiver.setContext(coordinator);
                receiver.open();
                coordinator.start();
            }
            case Target asked -> target(receiver, asked, unsettled);
            case null, default -> {
                Target before = server.recoverable
                        .target(key(receiver))
                        .orElseThrow(() -> new ResourceException(
                                ErrorCode.NOT_FOUND,
                                "link '" + receiver.getName() + "' has no target, and there is none to resume"));
                target(receiver, before, unsettled);
            }
        }
    }

    private RecoverableLinks.Key key(Receiver receiver) {
        return new RecoverableLinks.Key(host.resources().identity().name(), via.clientId(), receiver.getName());
    }

    /** Whether the client wants the target to outlive the connection. */
    private static boolean isRecoverable(Target target) {
        return !target.getDynamic()
                && (target.getDurable() != TerminusDurability.NONE
                        || target.getExpiryPolicy() == TerminusExpiryPolicy.NEVER);
    }

    private void target(Receiver receiver, Target asked, Unsettled unsettled) {
        Target granted = new Target();
        granted.setCapabilities(Capabilities.granted(asked.getCapabilities()));
        if (isRecoverable(asked)) {
            granted.setDurable(TerminusDurability.CONFIGURATION); // what is unsettled is not known after a restart
        }
        granted.setExpiryPolicy(asked.getExpiryPolicy());
        granted.setTimeout(asked.getTimeout());
        String address = asked.getAddress();
        Runnable atEnd = () -> {};
        if (asked.getDynamic()) {
            address = Capabilities.temporaryAddress(server.config.replyTable());
            granted.setDynamic(true);
            granted.setDynamicNodeProperties(asked.getDynamicNodeProperties());
            if (Capabilities.has(asked.getCapabilities(), Capabilities.TEMPORARY_QUEUE)) {
                GroupSpec queue = Groups.queue(TopicFilter.exactly(Path.of(address)));
                var _ = server.groups.keep(Path.of(address));
                atEnd = () -> server.groups.forget(queue);
            }
        }
        granted.setAddress(address);
        TargetLink.Sink sink;
        if (address == null || address.isEmpty()) {
            sink = this::relay;
        } else if (address.equals(ResourceRequests.ADDRESS)) {
            sink = new ResourceRequests(host, server.context.contents());
        } else {
            sink = sink(Address.parse(address), asked);
        }
        receiver.setTarget(granted);
        receiver.setMaxMessageSize(UnsignedLong.valueOf(host.messageLimit()));
        TargetLink link = new TargetLink(host, receiver, sink, atEnd);
        receiver.setContext(link);
        RecoverableLink recoverable = null;
        if (isRecoverable(asked)) {
            recoverable = server.recoverable.attach(
                    key(receiver), asked, unsettled.claimed().keySet(), link::stolen);
            unsettled.answer(recoverable.known());
        }
        receiver.open();
        link.start(recoverable, unsettled::takeResumed);
    }

    private TargetLink.Sink sink(Address address, Target target) {
        if (address.isCollection()) {
            requirePermission(Path.of(address.table(), "new"), ChangeKind.PUT);
            return (message, delivery) -> {
                MessageMapping.Asked asked = asked(message, delivery, Operation.POST, false);
                Path path = asked.operation() == Operation.POST ? Path.of(address.table(), "") : address.path();
                return write(message, delivery, path, asked, false);
            };
        }
        Path path = address.path();
        Capabilities.requireOneKind(target.getCapabilities(), address);
        boolean queue = !Capabilities.asksForTopic(target.getCapabilities(), address)
                && (Capabilities.asksForQueue(target.getCapabilities(), address) || server.groups.isQueue(path));
        boolean record = Capabilities.has(target.getCapabilities(), Capabilities.RECORD);
        requirePermission(path, record ? ChangeKind.PUT : ChangeKind.EVENT);
        Operation operation = record ? Operation.PUT : Operation.PUBLISH;
        return (message, delivery) -> write(message, delivery, path, asked(message, delivery, operation, queue), queue);
    }

    /** A link on which nothing could be sent is refused at once; its messages may still ask for other acts. */
    private void requirePermission(Path path, ChangeKind kind) {
        ResourceException refusal = host.resources().refusal(path, kind).orElse(null);
        boolean otherwise = kind == ChangeKind.EVENT ? mayWrite(path) : mayPublish(path);
        if (refusal != null && (refusal.code() == ErrorCode.NOT_FOUND || !otherwise)) {
            throw refusal;
        }
    }

    private boolean mayWrite(Path path) {
        return host.resources().refusal(path, ChangeKind.DELETE).isEmpty();
    }

    private boolean mayPublish(Path path) {
        return host.resources().refusal(path, ChangeKind.EVENT).isEmpty();
    }

    private CompletionStage<?> relay(IncomingMessage message, Delivery delivery) {
        String to = message.to();
        if (to == null || to.isEmpty()) {
            throw new ResourceException(
                    ErrorCode.NOT_FOUND,
                    "the link has no target address, so each message needs one in its 'to' property");
        }
        Address address = Address.parse(to);
        Path path = address.path();
        boolean queue = address.form() == Address.Form.QUEUE || server.groups.isQueue(path);
        if (queue) {
            requirePermission(path, ChangeKind.EVENT); // before the queue is made
        }
        return write(message, delivery, path, asked(message, delivery, Operation.PUBLISH, queue), queue);
    }

    private MessageMapping.Asked asked(IncomingMessage message, Delivery delivery, Operation otherwise, boolean queue) {
        boolean settled = delivery.remotelySettled();
        boolean fleeting = settled && !message.isDurable();
        Durability durability = !fleeting ? Durability.TABLE : queue ? Durability.OS : Durability.MEMORY;
        return server.mapping.map(message, otherwise, durability, settled);
    }

    private CompletionStage<?> write(
            IncomingMessage message, Delivery delivery, Path path, MessageMapping.Asked asked, boolean queue) {
        Write write = switch (asked.operation()) {
            case PUT -> new Write.Put(path, asked.content(), asked.options());
            case PATCH -> new Write.Patch(path, asked.content(), asked.options());
            case DELETE -> new Write.Delete(path, asked.options());
            case PUBLISH -> new Write.Publish(path, asked.content(), asked.options());
            case POST -> null;
        };
        CompletionStage<Void> kept = queue ? server.groups.keep(path) : CompletableFuture.completedStage(null);
        if (delivery.getRemoteState() instanceof TransactionalState enrolled) {
            Transaction transaction = host.transactions().find(enrolled.getTxnId());
            if (transaction == null) {
                throw new ResourceException(ErrorCode.NOT_FOUND, "the message is of a transaction there is not");
            }
            if (write == null) {
                throw new ResourceException(
                        ErrorCode.UNSUPPORTED, "a new record cannot be posted in a transaction; put it under an id");
            }
            transaction.post(write, message.size());
            return CompletableFuture.completedStage(null);
        }
        CompletionStage<Commit> committed = write == null
                ? host.resources().post(path.table(), asked.content(), asked.options())
                : host.resources().write(write);
        return queue ? committed.thenCompose(commit -> onLoop(kept)) : committed;
    }

    /** A queue without a consumer has to have a place before its first message is acknowledged. */
    private CompletionStage<?> onLoop(CompletionStage<Void> kept) {
        return kept.toCompletableFuture().isDone() ? kept : kept.thenApplyAsync(done -> done, host.eventLoop());
    }
}
