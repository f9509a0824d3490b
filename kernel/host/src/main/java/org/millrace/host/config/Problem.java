package org.millrace.host.config;

/**
 * Something wrong with the configuration.
 *
 * @param text names the key, the value, where it was set, and the reason
 * @param origin where it was set
 */
record Problem(String text, Origin origin) {}
