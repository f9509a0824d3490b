package org.millrace.host.operation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;

/**
 * What a backup says of itself, in the file {@value #FILE}, which is written last: a folder without it is no complete
 * backup.
 *
 * @param release the release of Millrace that made it
 * @param created when, as ISO 8601 says it
 * @param node the node it is of
 * @param firstSeq the oldest change in it
 * @param lastSeq the newest change in it
 * @param files every file in it
 */
record BackupManifest(String release, String created, String node, long firstSeq, long lastSeq, List<BackedUp> files) {
    static final String FILE = "backup.json";

    private static final int FORMAT = 1;
    private static final int BUFFER = 1 << 20;
    private static final JsonFactory JSON = new JsonFactory();

    /**
     * One file.
     *
     * @param name its path within the backup, with slashes
     * @param bytes its size
     * @param crc32c over its bytes
     */
    record BackedUp(String name, long bytes, long crc32c) {
        /** Looks at a file as it is now. */
        static BackedUp of(Path backup, Path file, LongConsumer read) throws IOException {
            String name = backup.relativize(file).toString().replace('\\', '/');
            CRC32C crc = new CRC32C();
            long bytes = 0;
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                for (int n = channel.read(buffer.clear()); n >= 0; n = channel.read(buffer.clear())) {
                    crc.update(buffer.flip());
                    bytes += n;
                    read.accept(bytes);
                }
            }
            return new BackedUp(name, bytes, crc.getValue());
        }
    }

    void write(Path backup) throws IOException {
        try (JsonGenerator json =
                JSON.createGenerator(Files.newOutputStream(backup.resolve(FILE), StandardOpenOption.CREATE_NEW))) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
            json.writeNumberField("format", FORMAT);
            json.writeStringField("release", release);
            json.writeStringField("created", created);
            json.writeStringField("node", node);
            json.writeNumberField("firstSeq", firstSeq);
            json.writeNumberField("lastSeq", lastSeq);
            json.writeArrayFieldStart("files");
            for (BackedUp file : files) {
                json.writeStartObject();
                json.writeStringField("name", file.name());
                json.writeNumberField("bytes", file.bytes());
                json.writeStringField("crc32c", Long.toHexString(file.crc32c()));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    /**
     * Reads a backup's manifest.
     *
     * @throws OperationException if it is no backup, or of a later format
     */
    static BackupManifest read(Path backup) {
        Path file = backup.resolve(FILE);
        try (JsonParser json = JSON.createParser(Files.readAllBytes(file))) {
            return parse(file, json);
        } catch (NoSuchFileException e) {
            throw new OperationException(
                    backup + " is no complete backup: it has no " + FILE + ", which is written last. Give the folder"
                            + " that 'millrace backup' has finished",
                    e);
        } catch (IOException | RuntimeException e) {
            if (e instanceof OperationException told) {
                throw told;
            }
            throw new OperationException(file + " cannot be read: " + e.getMessage() + ". Use another backup", e);
        }
    }

    private static BackupManifest parse(Path file, JsonParser json) throws IOException {
        String release = "";
        String created = "";
        String node = "";
        long firstSeq = 0;
        long lastSeq = 0;
        List<BackedUp> files = new ArrayList<>();
        json.nextToken();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            JsonToken token = json.nextToken();
            switch (name) {
                case "format" -> {
                    if (json.getIntValue() != FORMAT) {
                        throw new OperationException(file + " is of format " + json.getIntValue()
                                + ", this release reads " + FORMAT + ". Restore it with the release that made it");
                    }
                }
                case "release" -> release = json.getText();
                case "created" -> created = json.getText();
                case "node" -> node = json.getText();
                case "firstSeq" -> firstSeq = json.getLongValue();
                case "lastSeq" -> lastSeq = json.getLongValue();
                case "files" -> {
                    while (token != JsonToken.END_ARRAY) {
                        token = json.nextToken();
                        if (token == JsonToken.START_OBJECT) {
                            files.add(file(json));
                        }
                    }
                }
                default -> json.skipChildren();
            }
        }
        return new BackupManifest(release, created, node, firstSeq, lastSeq, List.copyOf(files));
    }

    private static BackedUp file(JsonParser json) throws IOException {
        String name = "";
        long bytes = 0;
        long crc = 0;
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "name" -> name = json.getText();
                case "bytes" -> bytes = json.getLongValue();
                case "crc32c" -> crc = Long.parseLong(json.getText(), 16);
                default -> json.skipChildren();
            }
        }
        if (name.isEmpty()
                || name.startsWith("/")
                || List.of(name.split("/", -1)).contains("..")) {
            throw new IOException("'" + name + "' is no file of a backup");
        }
        return new BackedUp(name, bytes, crc);
    }

    long bytes() {
        return files.stream().mapToLong(BackedUp::bytes).sum();
    }
}
