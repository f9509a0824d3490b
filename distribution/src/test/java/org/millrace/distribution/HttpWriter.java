package org.millrace.distribution;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes records over HTTP, several in a transaction too. */
final class HttpWriter implements RecordWriter {
    private static final String MERGE = "application/merge-patch+json";
    private static final Pattern ETAG = Pattern.compile("\"etag\":\"([0-9a-f]+)-");

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final int port;
    private final String table;

    HttpWriter(int port, String table) {
        this.port = port;
        this.table = table;
    }

    @Override
    public Answer write(Write.Kind kind, String id, String content) throws IOException, InterruptedException {
        HttpResponse<String> answer = switch (kind) {
            case PUT -> send("PUT", table + "/" + id, Http.JSON, content);
            case PATCH -> send("PATCH", table + "/" + id, MERGE, content);
            case REMOVAL -> send("DELETE", table + "/" + id, Http.JSON, "");
        };
        String etag = Http.header(answer, "ETag");
        return accepted(answer)
                ? new Answer(true, etag.isEmpty() ? 0 : clock(etag.substring(1, etag.indexOf('-'))))
                : new Answer(false, 0);
    }

    /** Adds to a number. */
    boolean increment(String id) throws IOException, InterruptedException {
        String patch = "[{\"op\":\"increment\",\"path\":\"/n\",\"value\":1}]";
        return accepted(send("PATCH", table + "/" + id, "application/json-patch+json", patch));
    }

    /** Puts several records at once; gives the clocks of their versions, none if it was refused. */
    List<Long> transact(List<String> ids, String content) throws IOException, InterruptedException {
        List<String> puts = ids.stream()
                .map(id -> "{\"op\":\"put\",\"path\":\"" + table + "/" + id + "\",\"value\":" + content + "}")
                .toList();
        HttpResponse<String> answer = send("POST", "$transactions", Http.JSON, "[" + String.join(",", puts) + "]");
        List<Long> clocks = new ArrayList<>();
        if (accepted(answer)) {
            Matcher etag = ETAG.matcher(answer.body());
            while (etag.find()) {
                clocks.add(clock(etag.group(1)));
            }
        }
        return clocks;
    }

    private static long clock(String hex) {
        return Long.parseUnsignedLong(hex, 16);
    }

    /** Whether it was accepted or refused; a failure if the host cannot tell. */
    private static boolean accepted(HttpResponse<String> answer) throws IOException {
        int status = answer.statusCode();
        if (status / 100 == 2) {
            return true;
        }
        if (status / 100 == 4 || status == 507) {
            return false;
        }
        throw new IOException("status " + status + ": " + answer.body());
    }

    private HttpResponse<String> send(String method, String path, String type, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/" + path))
                .timeout(PATIENCE)
                .header("Content-Type", type)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (java.net.http.HttpConnectTimeoutException e) {
            throw e; // it is not up yet
        } catch (HttpTimeoutException e) {
            throw new Unanswered(method + " " + path);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
