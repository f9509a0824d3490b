package org.millrace.store;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records of one table in the order of their ids, that is, of their {@link IndexKey#suffix suffixes}: what index entries
 * lead to, intersected and united. Used by one thread within one snapshot.
 */
sealed interface IdStream {
    /**
     * Moves on.
     *
     * @param target not before that of an earlier call
     * @return the first suffix from the target on that may be in the stream; null at the end
     */
    byte @Nullable [] seek(byte[] target);

    /** Whether what {@link #seek} gave last is in the stream; if not, seeking the same again goes on. */
    boolean isCertain();

    /** The key of the record, if that is certain. */
    byte[] recordKey();

    /** The records with one value. */
    final class OfPoint implements IdStream {
        private final IndexMerge merge;
        private final byte[] prefix;
        private final KeyInterval interval;
        private byte @Nullable [] suffix;
        private boolean atEnd;

        OfPoint(IndexMerge merge, byte[] prefix) {
            this.merge = merge;
            this.prefix = prefix;
            this.interval = KeyInterval.startingWith(prefix);
        }

        @Override
        public byte @Nullable [] seek(byte[] target) {
            byte[] present = suffix;
            if (atEnd || present != null && Arrays.compareUnsigned(present, target) >= 0) {
                return present;
            }
            byte[] key = Arrays.copyOf(prefix, prefix.length + target.length);
            System.arraycopy(target, 0, key, prefix.length, target.length);
            atEnd = !merge.seek(key, interval);
            suffix = atEnd ? null : Arrays.copyOfRange(merge.key(), prefix.length, merge.key().length);
            return suffix;
        }

        @Override
        public boolean isCertain() {
            return true;
        }

        @Override
        public byte[] recordKey() {
            return merge.recordKey();
        }
    }

    /**
     * A record that was found before.
     *
     * @param suffix orders it
     * @param recordKey its key
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Found(byte[] suffix, byte[] recordKey) implements Comparable<Found> {
        @Override
        public int compareTo(Found other) {
            return Arrays.compareUnsigned(suffix, other.suffix);
        }
    }

    /** Records found before, in order. */
    final class OfFound implements IdStream {
        private final List<Found> found;
        private int at;

        OfFound(List<Found> found) {
            this.found = found;
        }

        @Override
        public byte @Nullable [] seek(byte[] target) {
            int low = at;
            int high = found.size();
            // Doubling steps: the next one is near most often.
            for (int step = 1; low + step < high; step *= 2) {
                if (Arrays.compareUnsigned(found.get(low + step).suffix(), target) >= 0) {
                    high = low + step;
                    break;
                }
                low += step;
            }
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (Arrays.compareUnsigned(found.get(middle).suffix(), target) < 0) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            at = low;
            return at == found.size() ? null : found.get(at).suffix();
        }

        @Override
        public boolean isCertain() {
            return true;
        }

        @Override
        public byte[] recordKey() {
            return found.get(at).recordKey();
        }
    }

    /** What is in each of several. */
    final class OfAll implements IdStream {
        private final List<IdStream> parts;
        private boolean certain;

        OfAll(List<IdStream> parts) {
            this.parts = parts;
        }

        @Override
        public byte @Nullable [] seek(byte[] target) {
            byte[] furthest = target;
            certain = true;
            boolean isFirst = true;
            for (IdStream part : parts) {
                byte[] next = part.seek(furthest);
                if (next == null) {
                    return null;
                }
                boolean agrees = isFirst || Arrays.equals(next, furthest);
                certain &= agrees && part.isCertain();
                furthest = next;
                isFirst = false;
            }
            return furthest;
        }

        @Override
        public boolean isCertain() {
            return certain;
        }

        @Override
        public byte[] recordKey() {
            return parts.getFirst().recordKey();
        }
    }

    /** What is in one of several. */
    final class OfAny implements IdStream {
        private final List<IdStream> parts;
        private @Nullable IdStream holder;

        OfAny(List<IdStream> parts) {
            this.parts = parts;
        }

        @Override
        public byte @Nullable [] seek(byte[] target) {
            byte[] least = null;
            holder = null;
            for (IdStream part : parts) {
                byte[] next = part.seek(target);
                if (next == null) {
                    continue;
                }
                int order = least == null ? -1 : Arrays.compareUnsigned(next, least);
                if (order < 0) {
                    least = next;
                    holder = part.isCertain() ? part : null;
                } else if (order == 0 && holder == null && part.isCertain()) {
                    holder = part;
                }
            }
            return least;
        }

        @Override
        public boolean isCertain() {
            return holder != null;
        }

        @Override
        public byte[] recordKey() {
            return java.util.Objects.requireNonNull(holder, "not certain").recordKey();
        }
    }
}
