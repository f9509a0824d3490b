package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.host.config.Configuration;
import org.millrace.host.config.ConfigurationSources;
import org.millrace.host.config.EffectiveValue;
import org.millrace.host.config.KnownKey;
import org.millrace.host.config.Origin;

/** {@code conf/millrace.yaml} documents every key with its default. */
class ShippedConfigurationTest {
    private static final Path SHIPPED = Path.of("src/conf/millrace.yaml");

    /** A key that is commented out; prose has a blank after its {@code #}. */
    private static final Pattern COMMENTED = Pattern.compile("(?m)^( *)#([a-z][a-z0-9-]*:)");

    @TempDir
    Path folder;

    private Path uncommented;

    @BeforeEach
    void uncommentEveryKey() throws IOException {
        String text = COMMENTED.matcher(Files.readString(SHIPPED)).replaceAll("$1$2");
        uncommented = Files.writeString(folder.resolve("millrace.yaml"), text);
    }

    @Test
    void everyKeyOfTheHostIsInTheFileWithItsDefault() {
        Configuration documented = load(uncommented);
        assertThat(documented.host()).isEqualTo(load(null).host());
        assertThat(fromFile(documented))
                .containsAll(Configuration.keys().stream().map(KnownKey::key).toList());
    }

    @ParameterizedTest
    @CsvSource({
        "amqp, org.millrace.plugin.amqp.AmqpConfig, true",
        "http, org.millrace.plugin.http.HttpConfig, true",
        "mqtt, org.millrace.plugin.mqtt.MqttConfig, true",
        "sse, org.millrace.plugin.sse.SseConfig, false",
        "websocket, org.millrace.plugin.websocket.WebSocketConfig, false"
    })
    void everyKeyOfAPluginIsInTheFileWithItsDefault(String id, String recordName, boolean listens)
            throws ClassNotFoundException {
        Class<? extends Record> shape = Class.forName(recordName).asSubclass(Record.class);
        // The record knows only that the plugin has a usual port: which one, the file and the plugin say.
        String[] anyPort = listens ? new String[] {id + ".port=1"} : new String[0];
        Configuration documented = load(uncommented, anyPort);
        assertThat(documented.plugin(id, shape)).isEqualTo(load(null, anyPort).plugin(id, shape));
        assertThat(fromFile(load(uncommented)))
                .containsAll(
                        documented.pluginKeys(id).stream().map(KnownKey::key).toList());
    }

    @Test
    void theFileAsItIsShippedChangesNothing() {
        Configuration shipped = load(SHIPPED);
        assertThat(shipped.host()).isEqualTo(load(null).host());
        assertThat(fromFile(shipped)).isEmpty();
        assertThat(shipped.checkSections(Set.of("amqp", "http", "mqtt", "sse", "websocket")))
                .isEmpty();
    }

    private static Set<String> fromFile(Configuration configuration) {
        return configuration.effective().stream()
                .filter(value -> value.origin() instanceof Origin.File)
                .map(EffectiveValue::key)
                // The items of a list are values of their own: websocket.origins[0].
                .map(key -> key.replaceFirst("\\[\\d+].*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Configuration load(Path file, String... options) {
        return Configuration.load(new ConfigurationSources(file, Map.of(), List.of(options)));
    }
}
