package org.millrace.host.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Layout;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.millrace.host.config.LogConfig;
import org.slf4j.LoggerFactory;

/** Applies the configured format and level to the process's log. */
public final class Logging {
    private static final String TERMINAL = "%d{HH:mm:ss.SSS} %highlight(%-5level) %cyan(%-14logger{0}) %msg%n%ex";

    private static final String PLAIN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %-14logger{0} %msg%n%ex";

    private Logging() {}

    /**
     * Applies a configuration. Called once, before the host starts.
     *
     * @param config format and level
     */
    public static void apply(LogConfig config) {
        // Read by java.util.logging when a library first uses it, which most runs never do. It looks in the class path
        // of the program only: where a host is embedded with one of its own, that log stays as the program has it.
        if (Logging.class.getClassLoader() == ClassLoader.getSystemClassLoader()) {
            System.setProperty("java.util.logging.config.class", JulBridge.class.getName());
        }
        configure((LoggerContext) LoggerFactory.getILoggerFactory(), config, System.err, isTerminal());
    }

    /** The start script knows whether standard error is a terminal; the JVM has no way to tell. */
    static boolean isTerminal() {
        return Boolean.getBoolean("millrace.terminal") && System.getenv("NO_COLOR") == null;
    }

    static void configure(LoggerContext context, LogConfig config, OutputStream out, boolean terminal) {
        context.reset();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(layout(context, config.format(), terminal));
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setEncoder(encoder);
        appender.setOutputStream(new Unclosed(out));
        appender.start();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
        setLevels(context, config.level());
    }

    /** Libraries are two steps quieter than Millrace: their debug output buries what an operator looks for. */
    private static void setLevels(LoggerContext context, LogConfig.Level level) {
        Level own = switch (level) {
            case ERROR -> Level.ERROR;
            case WARN -> Level.WARN;
            case INFO -> Level.INFO;
            case DEBUG -> Level.DEBUG;
            case TRACE -> Level.TRACE;
        };
        Level others = switch (level) {
            case ERROR -> Level.ERROR;
            case WARN, INFO -> Level.WARN;
            case DEBUG -> Level.INFO;
            case TRACE -> Level.DEBUG;
        };
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(others);
        context.getLogger("millrace").setLevel(own);
        context.getLogger("org.millrace").setLevel(own);
        // What it calls an error is a client's record that a pattern gave up on, which the client is told.
        context.getLogger("com.networknt.schema").setLevel(own.isGreaterOrEqual(Level.INFO) ? Level.OFF : others);
    }

    private static Layout<ILoggingEvent> layout(LoggerContext context, LogConfig.Format format, boolean terminal) {
        Layout<ILoggingEvent> layout = switch (format) {
            case TEXT -> {
                PatternLayout pattern = new PatternLayout();
                pattern.setPattern(terminal ? TERMINAL : PLAIN);
                yield pattern;
            }
            case JSON -> new JsonLayout();
        };
        layout.setContext(context);
        layout.start();
        return layout;
    }
}
