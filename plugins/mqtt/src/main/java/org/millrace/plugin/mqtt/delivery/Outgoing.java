package org.millrace.plugin.mqtt.delivery;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.Version;

/** One message on its way to one client: waiting for room, or sent and not yet acknowledged. Owned by an event loop. */
final class Outgoing {
    final int qos;
    boolean retain;
    /** Why it is shown; {@link Reason#LEAVE} is sent without the content. */
    Reason reason;

    int[] subscriptionIds;
    final Format format;

    /** False of the present state and of what is not journaled: where it is says nothing of what was sent before it. */
    final boolean hasPlace;

    /** Whose demand it is; null if it was found again for itself. */
    @Nullable
    final MqttSubscription owner;

    /** What is sent; null once the client has it (PUBREC), and until it is found again after a reconnect. */
    @Nullable
    Change change;

    /** The change's name, for a session that has to find it again. */
    private @Nullable Path path;

    private Version version;
    final Cursor place;

    Stage stage = Stage.WAITING;
    int packetId;
    /** Orders what no subscription orders as it was sent. */
    long order;
    /** Whether a unit of the owner's demand goes back when it is over. */
    boolean holdsDemand;
    /** Whether the owner has it in order. */
    boolean tracked;
    /** Whether another member of a shared subscription gets it instead. */
    boolean givenBack;
    /** Whether nobody else may have it: at QoS 2 the client may have it, or the session is about to remember it. */
    boolean bound;
    /** Whether PUBREL may be sent, since a restart would know of PUBREC. */
    boolean releaseKept;

    Outgoing(MqttSubscription owner, Change change, Reason reason, int qos, boolean retain, Overlaps.Terms terms) {
        this.owner = owner;
        this.reason = reason;
        this.change = change;
        this.path = change.path();
        this.version = change.version();
        this.place = change.cursor();
        this.qos = qos;
        this.retain = retain;
        this.subscriptionIds = terms.ids();
        this.format = terms.format();
        this.hasPlace = reason != Reason.CURRENT && change.isJournaled();
        this.holdsDemand = true;
    }

    /** One that a subscription's place leads back to. */
    Outgoing(MqttSubscription owner, Exchange exchange, long node) {
        this.owner = owner;
        this.reason = Reason.LIVE;
        this.path = null;
        this.version = Version.NONE;
        this.place = new Cursor(node, exchange.seq());
        this.qos = exchange.qos();
        this.subscriptionIds = Overlaps.NO_IDS;
        this.format = owner.options().format();
        this.hasPlace = true;
        this.stage = exchange.stage();
        this.packetId = exchange.packetId();
        this.releaseKept = stage == Stage.RELEASED;
    }

    /** One that has to be found for itself. */
    Outgoing(Orphan orphan) {
        this.owner = null;
        this.reason = Reason.LIVE;
        this.path = orphan.path();
        this.version = orphan.version();
        this.place = orphan.place();
        this.qos = orphan.exchange().qos();
        this.retain = orphan.retain();
        this.subscriptionIds =
                orphan.subscriptionIds().stream().mapToInt(Integer::intValue).toArray();
        this.format = orphan.format();
        this.hasPlace = false;
        this.stage = orphan.exchange().stage();
        this.packetId = orphan.exchange().packetId();
        this.releaseKept = stage == Stage.RELEASED;
    }

    long seq() {
        return place.position();
    }

    Exchange exchange() {
        return new Exchange(stage, packetId, qos, seq());
    }

    /** Whether no subscription's place leads back to it. */
    boolean isOrphan() {
        return !tracked || owner == null || owner.isClosed();
    }

    /** Whether the group that shares the owner knows of it, and would hand it out again after a restart. */
    boolean isGroups() {
        return owner != null && owner.isShared() && !owner.isClosed() && hasPlace && (qos < 2 || packetId == 0);
    }

    /** A newer message of the topic goes in the place of this one, which was not sent. */
    void replace(Outgoing newer, Change with) {
        found(with);
        retain = newer.retain;
        subscriptionIds = newer.subscriptionIds;
    }

    /** The change is there again. */
    void found(Change again) {
        change = again;
        path = again.path();
        version = again.version();
    }

    /** Whether others may have it if this client does not go on: not at QoS 2 once it was sent (section 4.8.2). */
    boolean isForOthers() {
        return change != null && owner != null && owner.isShared() && (qos < 2 || stage != Stage.RELEASED && !bound);
    }

    /** What is left of it when it is over. */
    Orphan remains() {
        return new Orphan(exchange(), false, format, List.of(), null, Version.NONE, place);
    }

    Orphan orphan() {
        return new Orphan(
                exchange(),
                retain,
                format,
                Arrays.stream(subscriptionIds).boxed().toList(),
                path,
                version,
                place);
    }
}
