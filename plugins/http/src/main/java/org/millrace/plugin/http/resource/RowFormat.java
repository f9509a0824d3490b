package org.millrace.plugin.http.resource;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Row;

/**
 * How rows become bytes. In all formats but CSV a row is an object that wraps the record, so that neither its id nor a
 * content that is no object is lost and nothing in a content can be mistaken for the wrapper: {@code id}, {@code etag},
 * and either {@code value} or, for opaque content, {@code type} and the bytes. The record that bears the table's own name
 * has the id {@code null}. An aggregate has a {@code value} alone. One object writes one body.
 */
interface RowFormat {
    /** One JSON object a line. */
    MediaType NDJSON = new MediaType("application/x-ndjson");

    /** A CBOR sequence (RFC 8742). */
    MediaType CBOR_SEQUENCE = new MediaType("application/cbor-seq");

    /** Comma-separated values (RFC 4180). */
    MediaType CSV = new MediaType("text/csv");

    /** What a collection can be had in, in the order of preference. */
    List<MediaType> TYPES = List.of(MediaType.JSON, NDJSON, MediaType.CBOR, CBOR_SEQUENCE, MediaType.MSGPACK, CSV);

    /** The value of {@code Content-Type}. */
    String contentType();

    /** A row with what stands before it. */
    ByteBuffer row(Row row, boolean first);

    /** What ends the body. */
    ByteBuffer end(boolean empty);

    /**
     * A writer of one of the {@link #TYPES}.
     *
     * @param query what was asked, still encoded: it may name the attributes of the rows
     */
    static RowFormat of(MediaType type, String query) {
        if (type.equals(NDJSON)) {
            return JsonRows.NDJSON;
        }
        if (type.equals(MediaType.CBOR)) {
            return BinaryRows.CBOR;
        }
        if (type.equals(CBOR_SEQUENCE)) {
            return BinaryRows.CBOR_SEQUENCE;
        }
        if (type.equals(MediaType.MSGPACK)) {
            return BinaryRows.MSGPACK;
        }
        return type.equals(CSV) ? new CsvRows(query) : JsonRows.ARRAY;
    }

    /** The type that an ending names which stands in a record's place: {@code /t/.csv}. */
    static Optional<MediaType> ofSuffix(String id) {
        return switch (id) {
            case ".json" -> Optional.of(MediaType.JSON);
            case ".ndjson" -> Optional.of(NDJSON);
            case ".cbor" -> Optional.of(MediaType.CBOR);
            case ".msgpack" -> Optional.of(MediaType.MSGPACK);
            case ".csv" -> Optional.of(CSV);
            default -> Optional.empty();
        };
    }
}
