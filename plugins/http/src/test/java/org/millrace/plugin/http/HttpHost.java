package org.millrace.plugin.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;

/** A host in memory with the HTTP plugin, and the two clients that tests use on it. */
final class HttpHost implements AutoCloseable {
    final InMemoryHost host;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    HttpHost(Map<String, String> settings) {
        this(InMemoryHost.Options.DEFAULT, settings);
    }

    HttpHost(InMemoryHost.Options options, Map<String, String> settings) {
        this.host = InMemoryHost.create(options.withRules(new JacksonRules()));
        try {
            host.start("http", new HttpPlugin(), settings);
        } catch (Exception e) {
            throw new IllegalStateException("the plugin does not start", e);
        }
    }

    static HttpHost create() {
        return new HttpHost(Map.of());
    }

    RawPeer peer() {
        return RawPeer.connect(host.address("http"));
    }

    /** Sends a request; headers are name, value, name, value ... */
    HttpResponse<String> send(String method, String path, String body, String... headers) {
        return send(
                request(method, path, HttpRequest.BodyPublishers.ofString(body), headers),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    HttpResponse<String> get(String path, String... headers) {
        return send(
                request("GET", path, HttpRequest.BodyPublishers.noBody(), headers),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    HttpResponse<byte[]> getBytes(String path, String... headers) {
        return send(
                request("GET", path, HttpRequest.BodyPublishers.noBody(), headers),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpRequest request(String method, String path, HttpRequest.BodyPublisher body, String... headers) {
        URI uri = URI.create("http://127.0.0.1:" + host.address("http").getPort() + path);
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).method(method, body);
        return (headers.length == 0 ? builder : builder.headers(headers)).build();
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return client.send(request, handler);
        } catch (IOException e) {
            throw new IllegalStateException(request + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Sets a record past HTTP. */
    Version put(String path, MediaType type, byte[] bytes) {
        return host.resources()
                .put(Path.of(path), host.contents().of(type, bytes), WriteOptions.DEFAULT)
                .toCompletableFuture()
                .join()
                .version();
    }

    Version putJson(String path, String json) {
        return put(path, MediaType.JSON, json.getBytes(StandardCharsets.UTF_8));
    }

    String text(String path) {
        return new String(host.record(path).orElseThrow().content().toByteArray(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.close();
        try {
            host.close();
        } catch (Exception e) {
            throw new IllegalStateException("the host does not stop", e);
        }
    }
}
