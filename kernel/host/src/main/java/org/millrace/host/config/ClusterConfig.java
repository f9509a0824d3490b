package org.millrace.host.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.millrace.journal.HybridClock;
import org.millrace.replication.ClusterOptions;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.plugin.Setting;

/**
 * Several nodes, one tree of records. Off where no NATS server is named.
 *
 * @param nats the servers
 * @param name the cluster
 * @param node this node
 * @param user how this node logs in
 * @param password of the user
 * @param token another way to log in
 * @param credentials another way to log in
 * @param certificate shown to the servers
 * @param key of the certificate
 * @param authorities who vouches for the servers
 * @param streams among how many streams the tables are divided
 * @param replicas how many NATS servers keep each change
 * @param keepAge how long the stream keeps changes
 * @param keepSize how much it keeps
 * @param window how many messages may be unacknowledged
 * @param tables which tables this node has in common with others
 * @param compareEvery how often nodes compare what they hold
 * @param tombstones how long removals are remembered
 */
public record ClusterConfig(
        @Setting(
                value = "",
                doc = "NATS servers, such as nats://10.0.0.1:4222,nats://10.0.0.2:4222, or tls://...; empty for a"
                        + " node of its own")
        String nats,

        @Setting(value = "millrace", doc = "name that all nodes of the cluster share: letters, digits, '-' and '_'")
        String name,

        @Setting(value = "", doc = "what people call this node; empty for its id")
        String node,

        @Setting(value = "", doc = "NATS user; empty for none")
        String user,

        @Setting(value = "", doc = "its password, best as ${file:...} or ${env:...}")
        String password,

        @Setting(value = "", doc = "NATS token instead of a user, best as ${file:...} or ${env:...}")
        String token,

        @Setting(value = "", doc = "NATS credentials file (JWT and seed) instead of a user")
        Path credentials,

        @Setting(value = "", doc = "PEM file with the certificate chain this node shows to NATS; empty to show none")
        Path certificate,

        @Setting(value = "", doc = "PEM file with its private key (PKCS#8)")
        Path key,

        @Setting(
                value = "",
                doc = "PEM file with the authorities of the servers' certificates; empty for the machine's own")
        Path authorities,

        @Setting(
                value = "1",
                min = 1,
                max = ClusterOptions.MOST_STREAMS,
                doc = "streams among which the tables are divided; the same number on all nodes")
        int streams,

        @Setting(value = "1", min = 1, max = 5, doc = "NATS servers that keep each change; 3 outlives the loss of one")
        int replicas,

        @Setting(value = "7d", min = 60_000, doc = "time the stream keeps changes for nodes that are away")
        Duration keepAge,

        @Setting(value = "10GiB", min = 1L << 20, doc = "size each stream keeps; the oldest changes go first")
        ByteSize keepSize,

        @Setting(value = "64", min = 1, max = 1_000, doc = "messages that may be under way to NATS unacknowledged")
        int window,

        @Setting(
                value = "",
                doc = "tables that this node sends to and takes from others, such as [readings, shop-*], where * stands"
                        + " for any characters; empty for all")
        List<String> tables,

        @Setting(value = "10m", min = 5_000, doc = "time between two comparisons of what the nodes hold")
        Duration compareEvery,

        @Setting(
                value = "30d",
                min = 60_000,
                doc = "time the removal of a record is remembered; longer than any node is ever away")
        Duration tombstones) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,32}");
    private static final Pattern LABEL = Pattern.compile("[^\\p{Cntrl}=]{0,64}");

    /**
     * Whether this node is one of several.
     *
     * @return false where no server is named
     */
    public boolean isOn() {
        return !nats.isEmpty();
    }

    /**
     * Whether connections to NATS are encrypted.
     *
     * @return true where an address or a file says so
     */
    public boolean isEncrypted() {
        return nats.contains("tls://")
                || Stream.of(certificate, key, authorities)
                        .anyMatch(file -> !file.toString().isEmpty());
    }

    /**
     * These settings as replication takes them.
     *
     * @param nodeId this node's id, which is its name if it has no other
     * @param tls what encrypts, if {@link #isEncrypted()}
     * @return checked options
     * @throws ConfigurationException if they do not fit together
     */
    public ClusterOptions options(long nodeId, ClusterOptions.Tls tls) {
        List<String> problems = new ArrayList<>();
        if (nats.contains("@")) {
            problems.add("cluster.nats: credentials do not belong into the address, which is shown and logged; set"
                    + " cluster.user and cluster.password");
        }
        if (!NAME.matcher(name).matches()) {
            problems.add("cluster.name: '" + name + "' is no name of 1 to 32 letters, digits, '-' and '_'");
        }
        if (!LABEL.matcher(node).matches()) {
            problems.add("cluster.node: '" + node + "' is longer than 64 characters or has '=' or a control character");
        }
        if (keepAge.compareTo(tombstones) > 0) {
            problems.add("cluster.tombstones: " + tombstones + " is less than cluster.keep-age, " + keepAge
                    + ": a change that is kept longer than a removal is remembered would bring the record back");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new ClusterOptions(
                nats,
                name,
                node.isEmpty() ? Long.toHexString(nodeId) : node,
                new ClusterOptions.Login(user, password, token, file(credentials)),
                isEncrypted() ? Optional.of(tls) : Optional.empty(),
                streams,
                replicas,
                keepAge,
                keepSize.bytes(),
                window,
                tables,
                compareEvery,
                HybridClock.MAX_AHEAD);
    }

    private static Optional<Path> file(Path path) {
        return path.toString().isEmpty() ? Optional.empty() : Optional.of(path);
    }

    /** Leaves password and token out. */
    @Override
    public String toString() {
        return "ClusterConfig[nats=" + nats + ", name=" + name + ", node=" + node + "]";
    }
}
