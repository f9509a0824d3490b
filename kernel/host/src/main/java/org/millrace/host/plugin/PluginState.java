package org.millrace.host.plugin;

/** How far a plugin has come. */
public enum PluginState {
    /** The configuration has a section for it, and no jar or folder brings it. */
    AWAITED,
    /** Its jar or folder was seen. */
    DISCOVERED,
    /** It is left out, by its configuration or by a marker file. */
    DISABLED,
    /** A copy was staged, and its manifest and provider file are in order. */
    VERIFIED,
    /** Its class was loaded and an object of it made. */
    LOADED,
    /** Its {@code start} returned: it serves. */
    STARTED,
    /** Its {@code stop} runs. */
    STOPPING,
    /** It was stopped and its class loader closed. */
    STOPPED,
    /** A phase failed; everything it had done was undone. */
    FAILED
}
