package org.millrace.host.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.millrace.host.config.LogConfig;

/** What Logback starts with, before there is a configuration: text at level info. Found by Logback as a service. */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_TOP_PRIORITY)
public final class LogConfigurator extends ContextAwareBase implements Configurator {
    /** Called by Logback. */
    public LogConfigurator() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        Logging.configure(
                context, new LogConfig(LogConfig.Format.TEXT, LogConfig.Level.INFO), System.err, Logging.isTerminal());
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
