package org.millrace.replication;

/**
 * What one stream carries of one node: changes that are numbered, applied and asked for again by themselves. Immutable.
 *
 * @param node which node has decided them
 * @param lane the number of the stream, from 0
 */
record Origin(long node, int lane) {
    /**
     * Reads what {@link #toString} gives.
     *
     * @throws NumberFormatException if it is something else
     */
    static Origin parse(String text) {
        int point = text.indexOf('.');
        return point < 0
                ? new Origin(Long.parseUnsignedLong(text, 16), 0)
                : new Origin(
                        Long.parseUnsignedLong(text, 0, point, 16),
                        Integer.parseInt(text, point + 1, text.length(), 10));
    }

    @Override
    public String toString() {
        return Long.toHexString(node) + (lane == 0 ? "" : "." + lane);
    }
}
