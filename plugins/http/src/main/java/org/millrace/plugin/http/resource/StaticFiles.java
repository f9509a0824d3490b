package org.millrace.plugin.http.resource;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.exchange.Exchange;
import org.millrace.plugin.http.problem.Problem;
import org.millrace.plugin.http.problem.Problems;

/**
 * Files of one directory, below {@code /$console/}. A path is taken apart level by level, and what it names is looked up
 * once more behind all links: nothing outside the directory is ever given, nor anything whose name begins with a dot.
 * A file beside which stands one with {@code .gz} is given compressed where the client takes that. Files are read on
 * other threads than the event loop, in parts as the socket takes them.
 */
final class StaticFiles {
    /** The table that stands for the directory. */
    static final String TABLE = "$console";

    /** A form that a file may lie beside itself in, compressed beforehand: so br needs no library here. */
    private record Packed(String ending, String token, Pattern accepted) {
        static Packed of(String ending, String token) {
            // The coding's name, and not a weight of zero behind it.
            String accepted = "(^|[, ])" + token + "(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))";
            return new Packed(ending, token, Pattern.compile(accepted, Pattern.CASE_INSENSITIVE));
        }
    }

    /** The smallest first. */
    private static final List<Packed> PACKED = List.of(Packed.of(".br", "br"), Packed.of(".gz", "gzip"));

    private static final String INDEX = "index.html";
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", "text/html; charset=utf-8"),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("mjs", "text/javascript; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("map", "application/json"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("webp", "image/webp"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("woff2", "font/woff2"),
            Map.entry("wasm", "application/wasm"),
            Map.entry("txt", "text/plain; charset=utf-8"));

    private final @Nullable Path root;
    private final Executor readers;

    /**
     * Serves a directory.
     *
     * @param directory its path; empty for none
     * @param readers where files are read
     */
    StaticFiles(String directory, Executor readers) {
        this.root =
                directory.isEmpty() ? null : Path.of(directory).toAbsolutePath().normalize();
        this.readers = readers;
    }

    /** Whether a directory is served. */
    boolean isOn() {
        return root != null;
    }

    void get(String relative, Exchange exchange) {
        List<Packed> packed = accepted(exchange);
        readers.execute(() -> {
            try {
                Found found = find(relative, packed);
                exchange.eventLoop().execute(() -> answer(found, exchange));
            } catch (IOException | RuntimeException e) {
                Throwable failure = e instanceof IOException
                        ? Problems.notFound(TABLE + "/" + relative).exception()
                        : e;
                exchange.eventLoop().execute(() -> exchange.fail(failure));
            }
        });
    }

    private static List<Packed> accepted(Exchange exchange) {
        @Nullable String accepted = exchange.headers().get(HttpHeaderNames.ACCEPT_ENCODING);
        return accepted == null
                ? List.of()
                : PACKED.stream()
                        .filter(form -> form.accepted.matcher(accepted).find())
                        .toList();
    }

    private record Found(Path file, String type, String coding, int size, long modified, String tag) {}

    private Found find(String relative, List<Packed> accepted) throws IOException {
        Path file = resolve(relative)
                .orElseThrow(() -> Problems.notFound(TABLE + "/" + relative).exception());
        Path given = file;
        String coding = "";
        for (Packed form : accepted) {
            Path packed = file.resolveSibling(file.getFileName() + form.ending);
            if (Files.isRegularFile(packed)) {
                given = packed;
                coding = form.token;
                break;
            }
        }
        BasicFileAttributes attributes = Files.readAttributes(given, BasicFileAttributes.class);
        long modified = attributes.lastModifiedTime().toMillis();
        int size = Math.toIntExact(attributes.size());
        String name = file.getFileName().toString();
        String type = TYPES.getOrDefault(
                name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT), "application/octet-stream");
        String tag =
                Long.toHexString(modified) + "-" + Integer.toHexString(size) + (coding.isEmpty() ? "" : "." + coding);
        return new Found(given, type, coding, size, modified, tag);
    }

    private Optional<Path> resolve(String relative) throws IOException {
        Path base = root;
        if (base == null) {
            return Optional.empty();
        }
        Path file = base;
        for (String level : relative.split("/", -1)) {
            if (level.isEmpty() && relative.isEmpty()) {
                break;
            }
            if (level.isEmpty() || level.startsWith(".") || level.indexOf('\\') >= 0 || level.indexOf(0) >= 0) {
                return Optional.empty();
            }
            try {
                file = file.resolve(level);
            } catch (InvalidPathException e) {
                // No name of this file system, so there is no such file.
                return Optional.empty();
            }
        }
        if (Files.isDirectory(file)) {
            file = file.resolve(INDEX);
        }
        boolean inside = Files.isRegularFile(file) && file.toRealPath().startsWith(base.toRealPath());
        return inside ? Optional.of(file) : Optional.empty();
    }

    private void answer(Found found, Exchange exchange) {
        @Nullable String known = exchange.headers().get(HttpHeaderNames.IF_NONE_MATCH);
        boolean has = known != null && known.contains('"' + found.tag + '"');
        @Nullable
        ByteRange range = has || !exchange.method().equals("GET")
                ? null
                : ByteRange.of(exchange.headers(), found.tag, found.modified, found.size);
        if (range != null && !range.isSatisfiable()) {
            exchange.fail(new Problem(
                            416,
                            "range-not-satisfiable",
                            "The range is beyond the record",
                            "the file has " + found.size + " bytes")
                    .withHeaders("Content-Range", "bytes */" + found.size)
                    .exception());
            return;
        }
        int from = range == null ? 0 : range.from();
        int length = range == null ? found.size : range.to() - from + 1;
        Answer head = new Answer(has ? 304 : range == null ? 200 : 206)
                .contentType(found.type)
                .etag(found.tag)
                .lastModified(found.modified)
                .field("Cache-Control", "no-cache")
                .field("Vary", "Accept-Encoding")
                .field("X-Content-Type-Options", "nosniff");
        if (!found.coding.isEmpty()) {
            head.field("Content-Encoding", found.coding);
        }
        if (range != null) {
            head.field("Content-Range", "bytes " + range.from() + "-" + range.to() + "/" + found.size);
        }
        if (has) {
            exchange.send(head);
        } else if (exchange.method().equals("HEAD") || length == 0) {
            exchange.stream(head).end();
        } else {
            int part = Math.min(length, FilePump.PART);
            read(found.file, from, part, bytes -> begin(found, from, length, head, bytes, exchange), exchange);
        }
    }

    private void begin(Found found, int from, int length, Answer head, ByteBuffer first, Exchange exchange) {
        new FilePump(this, found.file, from, length, exchange).run(exchange.stream(head), first);
    }

    /** Told what was read, on the event loop. */
    interface Reader {
        void read(ByteBuffer bytes);
    }

    void read(Path file, long from, int length, Reader reader, Exchange exchange) {
        readers.execute(() -> {
            try (FileChannel channel = FileChannel.open(file)) {
                ByteBuffer bytes = ByteBuffer.allocate(length);
                while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
                    // Until the part is there, or the file ends early since it was altered.
                }
                bytes.flip();
                exchange.eventLoop().execute(() -> reader.read(bytes));
            } catch (IOException e) {
                exchange.eventLoop().execute(() -> exchange.fail(e));
            }
        });
    }
}
