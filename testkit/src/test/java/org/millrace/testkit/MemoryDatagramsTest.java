package org.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.plugin.Setting;
import org.millrace.spi.transport.DatagramSettings;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.Transport;

class MemoryDatagramsTest {
    record Config(@Setting(inline = true) DatagramSettings listener) {}

    private final InMemoryHost host = InMemoryHost.create();
    private DatagramSocket client;

    @BeforeEach
    void openClient() throws IOException {
        client = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        client.setSoTimeout(10_000);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        host.close();
    }

    private Listener listen(Map<String, String> settings) throws IOException {
        var context = host.context("echo", settings);
        DatagramSettings listener = context.config(Config.class).listener().orPort(7);
        return context.service(Transport.class).listenDatagrams("echo", listener, new Echo());
    }

    private byte[] receive() throws IOException {
        var packet = new java.net.DatagramPacket(new byte[2048], 2048);
        client.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    @Test
    void datagramsGoBothWays() throws IOException {
        Listener listener = listen(Map.of());

        client.send(new java.net.DatagramPacket(new byte[] {1, 2, 3}, 3, host.address("echo")));

        assertThat(receive()).containsExactly(1, 2, 3);
        assertThat(listener.takesDatagrams()).isTrue();
        assertThat(listener.address().getAddress().isLoopbackAddress()).isTrue();
    }

    @Test
    void whatIsLargerThanTheLimitIsDroppedAsByAHost() throws IOException {
        listen(Map.of("max-datagram-size", "64"));

        client.send(new java.net.DatagramPacket(new byte[65], 65, host.address("echo")));
        client.send(new java.net.DatagramPacket(new byte[64], 64, host.address("echo")));

        assertThat(receive()).hasSize(64);
    }

    @Test
    void aSizeThatNoDatagramHasIsAConfigurationProblem() {
        assertThatThrownBy(() -> listen(Map.of("max-datagram-size", "1MiB")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("max-datagram-size");
    }

    private static final class Echo extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            ctx.writeAndFlush(new DatagramPacket(packet.content().retain(), packet.sender()));
        }
    }
}
