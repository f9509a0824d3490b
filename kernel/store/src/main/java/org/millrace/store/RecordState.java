package org.millrace.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.WriteOptions;

/**
 * What a change makes of a record, or what a node has of it: all that two nodes need to find out what both together make.
 * Immutable.
 *
 * @param version what it is known by
 * @param content what it holds; null if it was removed
 * @param fields which versions its parts have
 * @param ranOut whether it was removed because its time had run out
 * @param properties what is stored beside it, without the versions of fields
 * @param expiresAt when it ceases to exist
 * @param qos what its writer asked of delivery
 */
public record RecordState(
        Version version,
        @Nullable Content content,
        FieldVersions fields,
        boolean ranOut,
        Properties properties,
        Instant expiresAt,
        Qos qos) {
    /**
     * What a change makes of its record by itself.
     *
     * @param change one that alters the record
     * @return the state
     */
    public static RecordState of(Change change) {
        return new RecordState(
                change.version(),
                change.content().orElse(null),
                FieldVersionsCodec.of(change.properties(), change.version()),
                change.kind() == ChangeKind.EXPIRE,
                FieldVersionsCodec.without(change.properties()),
                change.expiresAt(),
                change.qos());
    }

    static RecordState of(Entry entry) {
        return new RecordState(
                entry.version(),
                entry.content(),
                FieldVersionsCodec.of(entry.properties(), entry.version()),
                false,
                FieldVersionsCodec.without(entry.properties()),
                entry.expiresAt(),
                entry.qos());
    }

    static RecordState of(Removal removal) {
        return new RecordState(
                removal.version(),
                null,
                FieldVersions.whole(removal.version()),
                removal.ranOut(),
                Properties.NONE,
                WriteOptions.NEVER,
                Qos.EXACTLY_ONCE);
    }

    /**
     * The properties as they are stored and sent.
     *
     * @return with the versions of fields among them, if there are any
     */
    public Properties stored() {
        return FieldVersionsCodec.with(properties, fields, version);
    }
}
