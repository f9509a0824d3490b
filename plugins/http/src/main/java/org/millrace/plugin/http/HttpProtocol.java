package org.millrace.plugin.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.millrace.plugin.http.connection.HttpServer;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.transport.StreamProtocol;

/** HTTP/1.1 and HTTP/2 over any stream of bytes. */
final class HttpProtocol implements StreamProtocol {
    private static final List<byte[]> METHODS =
            List.of("GET ", "HEAD ", "PUT ", "POST ", "PATCH ", "DELETE ", "OPTIONS ", "QUERY ", "PRI ").stream()
                    .map(m -> m.getBytes(StandardCharsets.US_ASCII))
                    .toList();

    private static final Set<String> ALPN =
            Collections.unmodifiableSequencedSet(new LinkedHashSet<>(List.of("h2", "http/1.1")));

    private final HttpServer server;

    HttpProtocol(HttpServer server) {
        this.server = server;
    }

    @Override
    public String name() {
        return "http";
    }

    @Override
    public void initialize(Channel channel, ConnectionInfo via) {
        server.serve(channel, via.withProtocol("http/1.1"));
    }

    @Override
    public Recognition recognize(ByteBuf head) {
        Recognition best = Recognition.NO;
        for (byte[] method : METHODS) {
            int n = Math.min(method.length, head.readableBytes());
            int same = 0;
            while (same < n && head.getByte(head.readerIndex() + same) == method[same]) {
                same++;
            }
            if (same == method.length) {
                return Recognition.YES;
            }
            if (same == n) {
                best = Recognition.MORE;
            }
        }
        return best;
    }

    /** A client that begins with HTTP/2 understands no status line, so nothing is said to it. */
    @Override
    public byte[] refuseWithoutTls(ByteBuf head) {
        byte first = head.getByte(head.readerIndex());
        if (first == 'P' && head.getByte(head.readerIndex() + 1) == 'R') {
            return new byte[0];
        }
        byte[] problem = Problems.badRequest(
                        "this port speaks TLS, and the request came without; begin its URL with" + " https://")
                .json("")
                .getBytes(StandardCharsets.UTF_8);
        byte[] status = ("HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: "
                        + problem.length + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        if (first == 'H') {
            return status; // to HEAD, without what it tells of
        }
        byte[] answer = Arrays.copyOf(status, status.length + problem.length);
        System.arraycopy(problem, 0, answer, status.length, problem.length);
        return answer;
    }

    @Override
    public Set<String> alpn() {
        return ALPN;
    }
}
