package org.millrace.host.extension;

/** One offer, compared by identity: the same object may be offered twice. */
final class Offer<T> {
    final String pluginId;
    final T extension;

    Offer(String pluginId, T extension) {
        this.pluginId = pluginId;
        this.extension = extension;
    }
}
