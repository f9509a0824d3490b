package org.millrace.host.plugin;

import java.util.Set;

/**
 * The packages a plugin gets from the host: the SPI, its logging façade, and Netty's core. Names are exact, because
 * Netty's protocol codecs live below the same names ({@code io.netty.handler.codec.http}) and are each plugin's own.
 */
final class HostPackages {
    private static final String SPI = "org.millrace.spi.";

    private static final Set<String> EXACT = Set.of(
            "org.jspecify.annotations",
            "org.slf4j",
            "org.slf4j.event",
            "org.slf4j.helpers",
            "org.slf4j.spi",
            "io.netty.bootstrap",
            "io.netty.buffer",
            "io.netty.buffer.search",
            "io.netty.channel",
            "io.netty.channel.embedded",
            "io.netty.channel.epoll",
            "io.netty.channel.group",
            "io.netty.channel.internal",
            "io.netty.channel.local",
            "io.netty.channel.nio",
            "io.netty.channel.oio",
            "io.netty.channel.pool",
            "io.netty.channel.socket",
            "io.netty.channel.socket.nio",
            "io.netty.channel.socket.oio",
            "io.netty.channel.unix",
            "io.netty.handler.address",
            "io.netty.handler.codec",
            "io.netty.handler.codec.base64",
            "io.netty.handler.codec.bytes",
            "io.netty.handler.codec.json",
            "io.netty.handler.codec.serialization",
            "io.netty.handler.codec.string",
            "io.netty.handler.flow",
            "io.netty.handler.flush",
            "io.netty.handler.ipfilter",
            "io.netty.handler.logging",
            "io.netty.handler.pcap",
            "io.netty.handler.ssl",
            "io.netty.handler.ssl.util",
            "io.netty.handler.stream",
            "io.netty.handler.timeout",
            "io.netty.handler.traffic",
            "io.netty.resolver",
            "io.netty.util",
            "io.netty.util.collection",
            "io.netty.util.concurrent",
            "io.netty.util.internal",
            "io.netty.util.internal.logging",
            "io.netty.util.internal.svm");

    private HostPackages() {}

    /** Whether a class, by its binary name, comes from the host. */
    static boolean holdClass(String name) {
        int dot = name.lastIndexOf('.');
        return dot > 0 && contain(name.substring(0, dot));
    }

    /** Whether a resource, by its path, comes from the host. */
    static boolean holdResource(String path) {
        String relative = path.startsWith("/") ? path.substring(1) : path;
        int slash = relative.lastIndexOf('/');
        return slash > 0 && contain(relative.substring(0, slash).replace('/', '.'));
    }

    /** Whether a package comes from the host. */
    static boolean contain(String packageName) {
        return EXACT.contains(packageName) || (packageName + ".").startsWith(SPI);
    }

    /** For the test that compares them with the jars they are in. */
    static Set<String> exact() {
        return EXACT;
    }
}
