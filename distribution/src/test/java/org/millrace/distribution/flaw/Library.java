package org.millrace.distribution.flaw;

/** What {@link NeedsALibrary} needs. */
final class Library {
    private Library() {}

    static String greeting() {
        return "complete";
    }
}
