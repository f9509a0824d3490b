package org.millrace.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Java's HTTP client with the few calls the tests make. */
final class Http {
    static final String JSON = "application/json";

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private Http() {}

    static HttpResponse<byte[]> get(MillraceProcess host, String path, String... headers) {
        return send(request(host, path, headers).GET().build());
    }

    static HttpResponse<byte[]> put(MillraceProcess host, String path, String type, String body, String... headers) {
        return send(request(host, path, headers)
                .header("Content-Type", type)
                .PUT(BodyPublishers.ofString(body))
                .build());
    }

    static HttpResponse<byte[]> put(MillraceProcess host, String path, String type, byte[] body) {
        return send(request(host, path)
                .header("Content-Type", type)
                .PUT(BodyPublishers.ofByteArray(body))
                .build());
    }

    static HttpResponse<byte[]> post(MillraceProcess host, String path, String type, String body) {
        return send(request(host, path)
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    static HttpResponse<byte[]> send(MillraceProcess host, String method, String path, String type, String body) {
        return send(request(host, path)
                .header("Content-Type", type)
                .method(method, BodyPublishers.ofString(body))
                .build());
    }

    static HttpResponse<byte[]> delete(MillraceProcess host, String path) {
        return send(request(host, path).DELETE().build());
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static HttpRequest.Builder request(MillraceProcess host, String path, String... headers) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(host.url(path)).timeout(Duration.ofSeconds(20));
        return headers.length == 0 ? builder : builder.headers(headers);
    }

    private static HttpResponse<byte[]> send(HttpRequest request) {
        try {
            return CLIENT.send(request, BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
