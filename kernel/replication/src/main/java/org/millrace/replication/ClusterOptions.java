package org.millrace.replication;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * What a node must know to be one of several.
 *
 * @param servers NATS servers, as URLs separated by commas
 * @param cluster the name that its nodes share, part of the stream's and the subjects' names
 * @param node what people call this node
 * @param login how this node shows who it is
 * @param tls what connections are encrypted with; empty for servers without TLS
 * @param streams among how many streams the tables are divided; the same on all nodes
 * @param replicas how many NATS servers keep each message
 * @param keepAge how long the stream keeps a message
 * @param keepBytes how much each stream keeps
 * @param window how many messages may be under way to the stream
 * @param tables the names of the tables this node has in common with others, in which {@code *} stands for any characters;
 *     empty for all
 * @param compareEvery how often the nodes compare what they hold
 * @param maxAhead how far another node's clock may be ahead of this node's
 */
public record ClusterOptions(
        String servers,
        String cluster,
        String node,
        Login login,
        Optional<Tls> tls,
        int streams,
        int replicas,
        Duration keepAge,
        long keepBytes,
        int window,
        List<String> tables,
        Duration compareEvery,
        Duration maxAhead) {
    /** More than this many streams are refused. */
    public static final int MOST_STREAMS = 32;

    /** Checks the number of streams, and copies the list. */
    public ClusterOptions {
        if (streams < 1 || streams > MOST_STREAMS) {
            throw new IllegalArgumentException(streams + " streams are not 1 to " + MOST_STREAMS);
        }
        tables = List.copyOf(tables);
    }

    /** The stream that carries the changes, or the first of several. */
    String stream() {
        return "MILLRACE_" + cluster;
    }

    /** What all subjects of the cluster begin with. */
    String prefix() {
        return "millrace." + cluster + ".";
    }

    /** How connections are encrypted. */
    @FunctionalInterface
    public interface Tls {
        /**
         * Reads keys and certificates as they are now. Is asked for each connection, so that renewed ones are taken.
         *
         * @return made of them
         * @throws org.millrace.spi.plugin.ConfigurationException naming the file that cannot be used
         */
        SSLContext context();
    }

    /**
     * How a node shows who it is. Its text shows no secret.
     *
     * @param user empty for none
     * @param password of the user
     * @param token empty for none
     * @param credentials a file of NATS credentials
     */
    public record Login(String user, String password, String token, Optional<Path> credentials) {
        @Override
        public String toString() {
            return "Login[user=" + user + "]";
        }
    }

    /** A text without the secrets that URLs may hold. */
    static String withoutSecrets(String text) {
        return text.replaceAll("//[^/@\\s,]*@", "//***@");
    }

    @Override
    public String toString() {
        return withoutSecrets(servers) + " as node " + node + " of cluster " + cluster;
    }
}
