package org.millrace.host.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.LogManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.host.config.LogConfig;
import org.slf4j.LoggerFactory;

class LoggingTest {
    private final LoggerContext context = new LoggerContext();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeEach
    void giveTheContextWhatAProcessGivesIt() {
        context.setMDCAdapter(new LogbackMDCAdapter());
    }

    @Test
    void textIsTimeLevelLoggerAndMessage() {
        configure(LogConfig.Format.TEXT, LogConfig.Level.INFO, false);
        context.getLogger("org.millrace.journal.Journal").info("opened {} files", 3);
        assertThat(text())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\S+ INFO  Journal +opened 3 files\\R");
    }

    @Test
    void onlyATerminalGetsColours() {
        configure(LogConfig.Format.TEXT, LogConfig.Level.INFO, true);
        context.getLogger("millrace.x").warn("look");
        assertThat(text()).contains("\u001b[").contains("look");
        out.reset();
        configure(LogConfig.Format.TEXT, LogConfig.Level.INFO, false);
        context.getLogger("millrace.x").warn("look");
        assertThat(text()).doesNotContain("\u001b[").contains("look");
    }

    @Test
    void jsonIsOneObjectALineWhateverTheMessageHolds() throws IOException {
        configure(LogConfig.Format.JSON, LogConfig.Level.INFO, false);
        context.getLogger("millrace.mqtt").error("a \"quoted\"\nline {}", "é", new IllegalStateException("why"));
        assertThat(text().lines()).hasSize(1);
        Map<String, String> object = object(text());
        assertThat(object.keySet()).containsExactly("time", "level", "logger", "thread", "message", "error");
        assertThat(object)
                .containsEntry("level", "ERROR")
                .containsEntry("logger", "millrace.mqtt")
                .containsEntry("message", "a \"quoted\"\nline é");
        assertThat(Instant.parse(object.get("time"))).isBeforeOrEqualTo(Instant.now());
        assertThat(object.get("error"))
                .startsWith("java.lang.IllegalStateException: why")
                .contains("LoggingTest");
    }

    @Test
    void librariesAreQuieterThanMillrace() {
        configure(LogConfig.Format.TEXT, LogConfig.Level.DEBUG, false);
        context.getLogger("io.netty.util.X").debug("netty detail");
        context.getLogger("io.netty.util.X").info("netty news");
        context.getLogger("org.millrace.store.X").debug("store detail");
        assertThat(text()).doesNotContain("netty detail").contains("netty news", "store detail");
    }

    @Test
    void configuringAnewReplacesWhatWasThere() {
        configure(LogConfig.Format.TEXT, LogConfig.Level.INFO, false);
        configure(LogConfig.Format.TEXT, LogConfig.Level.ERROR, false);
        context.getLogger("millrace").warn("quiet");
        context.getLogger("millrace").error("once");
        assertThat(text().lines()).hasSize(1);
    }

    @Test
    void theProcessIsConfiguredWithoutAFile() {
        LoggerContext process = (LoggerContext) LoggerFactory.getILoggerFactory();
        assertThat(process.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender("stderr"))
                .isNotNull();
    }

    @Test
    void systemLoggersAndJavaUtilLoggingEndInTheSameLog() throws IOException {
        LoggerContext process = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logging.configure(process, new LogConfig(LogConfig.Format.TEXT, LogConfig.Level.INFO), out, false);
        try {
            System.getLogger("millrace.redis").log(System.Logger.Level.INFO, "from a plugin");
            // The test engine has used java.util.logging already; a host's process reads this on first use.
            System.setProperty("java.util.logging.config.class", JulBridge.class.getName());
            LogManager.getLogManager().readConfiguration();
            java.util.logging.Logger.getLogger("some.library").warning("from a library");
            assertThat(text()).contains("redis", "from a plugin", "from a library");
        } finally {
            System.clearProperty("java.util.logging.config.class");
            LogManager.getLogManager().readConfiguration();
            Logging.configure(process, new LogConfig(LogConfig.Format.TEXT, LogConfig.Level.INFO), System.err, false);
        }
    }

    private void configure(LogConfig.Format format, LogConfig.Level level, boolean terminal) {
        Logging.configure(context, new LogConfig(format, level), out, terminal);
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static Map<String, String> object(String json) throws IOException {
        Map<String, String> fields = new LinkedHashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                fields.put(name, parser.getText());
            }
        }
        return fields;
    }
}
