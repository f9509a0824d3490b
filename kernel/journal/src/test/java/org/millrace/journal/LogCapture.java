package org.millrace.journal;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Keeps what the journal logs while it is open, and keeps it off the console. */
final class LogCapture implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger("org.millrace.journal");
    private final ListAppender<ILoggingEvent> kept = new ListAppender<>();

    LogCapture() {
        kept.start();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(kept);
    }

    /** The messages of a level, in order. */
    List<String> at(Level level) {
        return List.copyOf(kept.list).stream()
                .filter(e -> e.getLevel() == level)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Override
    public void close() {
        logger.detachAppender(kept);
        logger.setAdditive(true);
        logger.setLevel(null);
    }
}
