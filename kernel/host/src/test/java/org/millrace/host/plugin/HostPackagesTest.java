package org.millrace.host.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.NameResolver;
import io.netty.util.ReferenceCounted;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class HostPackagesTest {
    @Test
    void sharedPackagesAreExactlyThoseOfTheSharedJars() throws Exception {
        Set<String> packages = new TreeSet<>();
        for (Class<?> type : new Class<?>[] {
            ByteBuf.class,
            ByteToMessageDecoder.class,
            ReferenceCounted.class,
            SslHandler.class,
            NameResolver.class,
            Channel.class,
            Bootstrap.class,
            UnixChannel.class,
            Epoll.class,
            Logger.class,
            NullMarked.class
        }) {
            packages.addAll(packagesOf(type));
        }
        assertThat(HostPackages.exact()).containsExactlyInAnyOrderElementsOf(packages);
    }

    @Test
    void protocolCodecsAreThePluginsOwn() {
        assertThat(HostPackages.holdClass("io.netty.handler.codec.MessageToByteEncoder"))
                .isTrue();
        assertThat(HostPackages.holdClass("io.netty.handler.codec.http.HttpRequest"))
                .isFalse();
        assertThat(HostPackages.holdResource("io/netty/handler/codec/http/x.txt"))
                .isFalse();
        assertThat(HostPackages.holdResource("io/netty/util/x.txt")).isTrue();
        assertThat(HostPackages.holdResource("META-INF/services/x")).isFalse();
    }

    @Test
    void allOfTheSpiIsTheHosts() {
        assertThat(HostPackages.holdClass("org.millrace.spi.resource.Path")).isTrue();
        assertThat(HostPackages.holdClass("org.millrace.spi.later.Thing")).isTrue();
        assertThat(HostPackages.holdClass("org.millrace.spider.Web")).isFalse();
        assertThat(HostPackages.holdClass("org.millrace.host.plugin.PluginHost"))
                .isFalse();
    }

    private static Set<String> packagesOf(Class<?> type) throws IOException, URISyntaxException {
        Path jar =
                Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream()
                    .map(java.util.zip.ZipEntry::getName)
                    .filter(name -> name.endsWith(".class") && name.contains("/") && !name.startsWith("META-INF/"))
                    .map(name -> name.substring(0, name.lastIndexOf('/')).replace('/', '.'))
                    // What Netty repackaged for itself is reached only from its own classes.
                    .filter(name -> !name.contains(".shaded."))
                    .collect(Collectors.toSet());
        }
    }
}
