package org.millrace.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What power cuts may leave of a traced disk. Everything synced is there. Of what was written and not synced, each write,
 * or each sector of 512 bytes on its own, is there or not: writes are lost, torn and reordered. Names that were made,
 * changed or removed since their directory was synced, likewise. Used by one thread; the moments asked for must not
 * decrease.
 */
final class TornDisk {
    private static final int SECTOR = 512;
    private static final double[] SURVIVAL = {0, 0.3, 0.7, 0.95};

    private final List<DiskTrace.Act> acts;
    private final Path root;
    private final RandomGenerator random;
    private final Map<Long, Content> contents = new HashMap<>();
    private final Map<Long, String> directories = new HashMap<>();
    private final Map<String, Content> names = new LinkedHashMap<>();
    private final List<Rename> pending = new ArrayList<>();
    /** How many acts a thread's sync covers. */
    private final Map<Long, Long> begun = new HashMap<>();

    private int next;
    private long clock;

    /** A file, whatever its name. */
    private static final class Content {
        private byte[] synced = new byte[0];
        private int size;
        private final List<Unsynced> unsynced = new ArrayList<>();
    }

    private record Unsynced(long time, DiskTrace.Act act) {}

    /** A change of names: from empty for a new file, to empty for one that is removed. */
    private record Rename(long time, String from, String to, Content created) {
        String directory() {
            String path = to.isEmpty() ? from : to;
            return path.substring(0, path.lastIndexOf('/'));
        }
    }

    TornDisk(DiskTrace trace, Path root, RandomGenerator random) {
        this.acts = trace.acts();
        this.root = root;
        this.random = random;
    }

    int moments() {
        return acts.size() + 1;
    }

    /** Writes what is left of the files below the root, after the power was cut before an act, to a folder. */
    void cutAt(int moment, Path image) throws IOException {
        while (next < moment) {
            replay(acts.get(next++));
        }
        double survival = SURVIVAL[random.nextInt(SURVIVAL.length)];
        boolean sectors = random.nextBoolean();
        Map<String, Content> left = new LinkedHashMap<>(names);
        for (Rename rename : pending) {
            if (random.nextDouble() < survival) {
                apply(rename, left);
            }
        }
        for (Map.Entry<String, Content> file : left.entrySet()) {
            Path path = Path.of(file.getKey());
            if (path.startsWith(root) && !path.endsWith("lock.mdb")) {
                Path to = image.resolve(root.relativize(path).toString());
                Files.createDirectories(to.getParent());
                Files.write(to, survivor(file.getValue(), survival, sectors));
            }
        }
    }

    private byte[] survivor(Content content, double survival, boolean sectors) {
        Content copy = new Content();
        copy.synced = Arrays.copyOf(content.synced, content.size);
        copy.size = content.size;
        for (Unsynced write : content.unsynced) {
            int length = write.act().bytes().length;
            if (write.act().kind() == DiskTrace.Kind.TRUNCATE || !sectors) {
                if (random.nextDouble() < survival) {
                    put(write.act(), 0, length, copy);
                }
                continue;
            }
            for (int from = 0; from < length; ) {
                int to = (int) Math.min(length, from + SECTOR - (write.act().offset() + from) % SECTOR);
                if (random.nextDouble() < survival) {
                    put(write.act(), from, to, copy);
                }
                from = to;
            }
        }
        return Arrays.copyOf(copy.synced, copy.size);
    }

    private void replay(DiskTrace.Act act) {
        clock++;
        switch (act.kind()) {
            case CREATE -> {
                if (act.offset() == 1) {
                    directories.put(act.inode(), act.text());
                } else {
                    Content made = new Content();
                    contents.put(act.inode(), made);
                    pending.add(new Rename(clock, "", act.text(), made));
                }
            }
            case WRITE, TRUNCATE -> content(act).unsynced.add(new Unsynced(clock, act));
            case WRITE_THROUGH -> put(act, 0, act.bytes().length, content(act));
            case SYNC_BEGIN -> begun.put(act.thread(), clock);
            case SYNC_END -> {
                long until = begun.remove(act.thread());
                String directory = directories.get(act.inode());
                if (directory != null) {
                    pending.removeIf(rename -> {
                        boolean synced =
                                rename.time() < until && rename.directory().equals(directory);
                        if (synced) {
                            apply(rename, names);
                        }
                        return synced;
                    });
                } else {
                    Content content = content(act);
                    content.unsynced.removeIf(write -> {
                        boolean synced = write.time() < until;
                        if (synced) {
                            put(write.act(), 0, write.act().bytes().length, content);
                        }
                        return synced;
                    });
                }
            }
            case RENAME -> {
                String[] both = act.text().split("\n", -1);
                pending.add(new Rename(clock, both[0], both[1], null));
            }
            case UNLINK -> pending.add(new Rename(clock, act.text(), "", null));
        }
    }

    private Content content(DiskTrace.Act act) {
        return contents.computeIfAbsent(act.inode(), inode -> new Content());
    }

    private static void apply(Rename rename, Map<String, Content> names) {
        Content moved = rename.created() != null ? rename.created() : names.remove(rename.from());
        if (moved != null && !rename.to().isEmpty()) {
            names.put(rename.to(), moved);
        }
    }

    private static void put(DiskTrace.Act act, int from, int to, Content into) {
        if (act.kind() == DiskTrace.Kind.TRUNCATE) {
            int size = (int) act.offset();
            if (size < into.size) {
                Arrays.fill(into.synced, size, into.size, (byte) 0);
            }
            into.synced = size > into.synced.length ? Arrays.copyOf(into.synced, size) : into.synced;
            into.size = size;
            return;
        }
        int end = (int) act.offset() + to;
        if (end > into.synced.length) {
            into.synced = Arrays.copyOf(into.synced, Math.max(end, into.synced.length * 2));
        }
        System.arraycopy(act.bytes(), from, into.synced, (int) act.offset() + from, to - from);
        into.size = Math.max(into.size, end);
    }
}
