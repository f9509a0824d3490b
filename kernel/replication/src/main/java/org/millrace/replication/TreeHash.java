package org.millrace.replication;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;

/**
 * What the records of a node amount to, as numbers, for each table in ranges that records fall into by the hash of their
 * path: nodes that hold the same have the same numbers, in whatever order they are added. Made by one thread.
 */
final class TreeHash {
    /** Into how many ranges a table is divided. */
    static final int RANGES = 64;

    private final SortedMap<String, long[]> tables = new TreeMap<>();

    /** Adds a record. */
    void add(Entry entry) {
        byte[] path = entry.path().utf8();
        CRC32C crc = new CRC32C();
        crc.update(path);
        long name = crc.getValue();
        crc.reset();
        crc.update(entry.content().bytes());
        Version version = entry.version();
        long hash = mix(mix(mix(name << 32 | crc.getValue()) ^ version.clock()) ^ version.node());
        // A sum, so that the order is of no account.
        tables.computeIfAbsent(entry.path().table(), table -> new long[RANGES])[range(entry.path())] += hash;
    }

    /** The range a record falls into. */
    static int range(Path path) {
        CRC32C crc = new CRC32C();
        crc.update(path.utf8());
        return (int) (mix(crc.getValue()) & RANGES - 1);
    }

    /** Stafford's mixing of 64 bits. */
    private static long mix(long bits) {
        long z = bits * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** One number for each table. */
    SortedMap<String, Long> ofTables() {
        SortedMap<String, Long> all = new TreeMap<>();
        tables.forEach((table, ranges) -> all.put(table, of(ranges)));
        return all;
    }

    private static long of(long[] ranges) {
        long hash = 0;
        for (long range : ranges) {
            hash = mix(hash ^ range);
        }
        return hash;
    }

    /** One number for all. */
    long ofTree() {
        long hash = 0;
        for (var table : ofTables().entrySet()) {
            hash = mix(hash ^ mix(table.getKey().hashCode()) ^ table.getValue());
        }
        return hash;
    }

    /**
     * The numbers of the tables behind one, in the order of their names, as many as have room: for each the name (u16
     * length, UTF-8) and its ranges (u64 each).
     */
    byte[] tablesAfter(String after, int room) {
        ByteBuffer bytes = ByteBuffer.allocate(room);
        for (var table : tables.tailMap(after + '\0').entrySet()) {
            byte[] name = table.getKey().getBytes(StandardCharsets.UTF_8);
            if (bytes.remaining() < Short.BYTES + name.length + RANGES * Long.BYTES) {
                break;
            }
            bytes.putShort((short) name.length).put(name);
            for (long range : table.getValue()) {
                bytes.putLong(range);
            }
        }
        return java.util.Arrays.copyOf(bytes.array(), bytes.position());
    }

    /**
     * Compares with what {@link #tablesAfter} of another node has given.
     *
     * @return of each table there which ranges differ, as bits; 0 for none
     */
    SortedMap<String, Long> differences(byte[] others) {
        SortedMap<String, Long> differences = new TreeMap<>();
        ByteBuffer bytes = ByteBuffer.wrap(others);
        long[] none = new long[RANGES];
        while (bytes.hasRemaining()) {
            byte[] name = new byte[Short.toUnsignedInt(bytes.getShort())];
            bytes.get(name);
            String table = new String(name, StandardCharsets.UTF_8);
            long[] mine = tables.getOrDefault(table, none);
            long bits = 0;
            for (int range = 0; range < RANGES; range++) {
                bits |= bytes.getLong() == mine[range] ? 0 : 1L << range;
            }
            differences.put(table, bits);
        }
        return differences;
    }

    /** The tables from behind one up to another, both included if they are there. */
    SortedMap<String, long[]> between(String after, String through) {
        return tables.subMap(after + '\0', through + '\0');
    }

    /** The last table, or an empty name. */
    String last() {
        return tables.isEmpty() ? "" : tables.lastKey();
    }
}
