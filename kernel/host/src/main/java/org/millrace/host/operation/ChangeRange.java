package org.millrace.host.operation;

/** Which changes a journal has, for people. */
public final class ChangeRange {
    private ChangeRange() {}

    /**
     * Says it.
     *
     * @param first the oldest change kept
     * @param last the newest; less than the oldest if there is none
     * @return such as {@code changes 1 to 31}
     */
    public static String text(long first, long last) {
        if (last >= first) {
            return "changes " + first + " to " + last;
        }
        return last == 0 ? "no changes yet" : "no changes after " + last;
    }
}
