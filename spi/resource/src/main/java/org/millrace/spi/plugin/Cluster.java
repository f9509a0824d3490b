package org.millrace.spi.plugin;

import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The other nodes that hold the same records, if this host is one of several. A plugin needs it for what one node alone
 * may have at a time, such as a client's session: it claims the name when the client comes, keeps what other nodes need
 * under {@link PluginStore#SHARED}, and lets go when another node claims the name. Implemented by the host; safe for use
 * by any thread.
 *
 * @since 0.1
 */
@ImplementedByHost
public interface Cluster {
    /**
     * Whether this host is configured to be one of several.
     *
     * @return false for a host on its own, where nothing of this has an effect
     */
    boolean isOn();

    /**
     * Asks all other nodes to let go of a name of this plugin, and waits until what they have written under
     * {@link PluginStore#SHARED} until then is in this node's store. Nodes that cannot be reached, or do not answer within
     * seconds, are not waited for: then the name may be held twice until they are back.
     *
     * @param name any text of up to 65,535 bytes in UTF-8
     * @return completes on a thread of the host, which must not be blocked; fails with
     *     {@link org.millrace.spi.resource.ErrorCode#BUSY} if too many claims wait
     */
    CompletionStage<Void> claim(String name);

    /**
     * Sets what lets go of names that other nodes claim, in place of what was set before.
     *
     * @param letGo given the name, on a thread of the host that must not be blocked; completes when what others need is
     *     durable, with whether this node had the name
     * @return closing it ends that; the host does when the plugin stops
     */
    Registration onClaim(Function<String, CompletionStage<Boolean>> letGo);
}
