package com.example.greeter;

import org.millrace.spi.plugin.Setting;
import org.millrace.spi.transport.ListenerSettings;

/**
 * The section {@code greeter} of the configuration. A component more is a key more.
 *
 * @param listener address, TLS and limits, as every listener has them: {@code greeter.port}, {@code greeter.bind} ...
 */
record GreeterConfig(@Setting(inline = true) ListenerSettings listener) {
    static final int STANDARD_PORT = 7007;
}
