package org.millrace.journal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.millrace.journal.RecordingFiles.Act;

/**
 * What power cuts may leave of recorded files. Everything synced is there. Of what was written and not synced, each
 * sector of 512 bytes is there or not, on its own: writes are lost, torn and reordered. Names that were made, changed
 * or removed since the directory was synced, likewise. Used by one thread; the moments asked for must not decrease.
 */
public final class DiskImages {
    private static final int SECTOR = 512;
    private static final double[] SURVIVAL = {0, 0.3, 0.7, 0.95, 1};

    private final List<Act> acts;
    private final RandomGenerator random;
    private final Map<Integer, byte[]> synced = new LinkedHashMap<>();
    private final Map<Integer, List<Act.Write>> written = new LinkedHashMap<>();
    private final Map<Path, Integer> names = new LinkedHashMap<>();
    private final List<Act> renamed = new ArrayList<>();
    private int next;

    /** Images of what was recorded so far. */
    public DiskImages(RecordingFiles files, RandomGenerator random) {
        this.acts = files.acts();
        this.random = random;
    }

    /** How many moments there are. */
    public int moments() {
        return acts.size() + 1;
    }

    /** The disk after the power was cut before act number {@code moment}. */
    public RecordingFiles cutAt(int moment) {
        while (next < moment) {
            replay(acts.get(next++));
        }
        double survival = SURVIVAL[random.nextInt(SURVIVAL.length)];
        Map<Path, Integer> left = new LinkedHashMap<>(names);
        for (Act act : renamed) {
            if (random.nextDouble() < survival) {
                apply(act, left);
            }
        }
        RecordingFiles image = new RecordingFiles();
        left.forEach((path, inode) -> image.put(path, content(inode, survival)));
        return image;
    }

    private void replay(Act act) {
        switch (act) {
            case Act.Write w ->
                written.computeIfAbsent(w.inode(), i -> new ArrayList<>()).add(w);
            case Act.Sync s -> {
                List<Act.Write> writes = written.remove(s.inode());
                if (writes != null) {
                    byte[] bytes = synced.getOrDefault(s.inode(), new byte[0]);
                    for (Act.Write w : writes) {
                        bytes = put(w, 0, w.bytes().length, bytes);
                    }
                    synced.put(s.inode(), bytes);
                }
            }
            case Act.SyncDirectory ignored -> {
                renamed.forEach(a -> apply(a, names));
                renamed.clear();
            }
            case Act.Create c -> renamed.add(c);
            case Act.Rename r -> renamed.add(r);
            case Act.Delete d -> renamed.add(d);
        }
    }

    private static void apply(Act act, Map<Path, Integer> names) {
        switch (act) {
            case Act.Create c -> names.put(c.path(), c.inode());
            case Act.Rename r -> {
                Integer inode = names.remove(r.from());
                if (inode != null) {
                    names.put(r.to(), inode);
                }
            }
            case Act.Delete d -> names.remove(d.path());
            case Act.Write w -> throw new IllegalArgumentException(w.toString());
            case Act.Sync s -> throw new IllegalArgumentException(s.toString());
            case Act.SyncDirectory s -> throw new IllegalArgumentException(s.toString());
        }
    }

    private byte[] content(int inode, double survival) {
        byte[] bytes = synced.getOrDefault(inode, new byte[0]).clone();
        for (Act.Write w : written.getOrDefault(inode, List.of())) {
            int length = w.bytes().length;
            for (int from = 0; from < length; ) {
                // Sectors are the disk's, not the write's.
                int to = (int) Math.min(length, from + SECTOR - (w.position() + from) % SECTOR);
                if (random.nextDouble() < survival) {
                    bytes = put(w, from, to, bytes);
                }
                from = to;
            }
        }
        return bytes;
    }

    private static byte[] put(Act.Write w, int from, int to, byte[] into) {
        int position = (int) w.position();
        byte[] bytes = position + to > into.length ? Arrays.copyOf(into, position + to) : into;
        System.arraycopy(w.bytes(), from, bytes, position + from, to - from);
        return bytes;
    }
}
