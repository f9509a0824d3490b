package org.millrace.host.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.plugin.Setting;

class ConfigurationTest {
    @TempDir
    Path directory;

    private final Map<String, String> environment = new HashMap<>();

    enum Durability {
        FSYNC,
        AT_MOST_ONCE
    }

    record Endpoint(
            @Setting(value = "-1", min = -1, max = 65_535, doc = "TCP port")
            int port,

            @Setting String bind) {}

    record Tls(@Setting String certificate) {}

    record Upstream(
            @Setting(value = "here") String host,

            @Setting(value = "5s") Duration timeout) {}

    record Shape(
            @Setting(inline = true) Endpoint endpoint,

            @Setting Tls tls,

            @Setting(value = "256KiB", min = 128, max = 1 << 28)
            ByteSize maxPacketSize,

            @Setting(value = "1m", min = 1000, max = 3_600_000)
            Duration keepAlive,

            @Setting(value = "fsync") Durability durability,

            @Setting(value = "a, b") List<String> origins,

            @Setting List<Upstream> upstreams,

            @Setting(value = "9000000000") long quota,

            @Setting(value = "true") boolean retained,

            @Setting String password,

            @Setting(value = "store") Path folder) {}

    record Even(@Setting(value = "2") int number) {
        Even {
            if (number % 2 != 0) {
                throw new IllegalArgumentException(number + " is odd");
            }
        }
    }

    @Test
    void defaultsAreUsedWhereNothingIsSet() {
        Configuration configuration = load();
        HostConfig host = configuration.host();
        assertThat(host.bind()).isEqualTo("127.0.0.1");
        assertThat(host.data()).isEqualTo(Path.of("data"));
        assertThat(host.limits().content()).isEqualTo(ByteSize.parse("1MiB"));
        assertThat(host.journal().retainAge()).isEqualTo(Duration.ofDays(7));
        assertThat(host.auth().users()).isEmpty();

        Shape shape = configuration.plugin("mqtt", Shape.class);
        assertThat(shape)
                .isEqualTo(new Shape(
                        new Endpoint(-1, ""),
                        new Tls(""),
                        new ByteSize(262_144),
                        Duration.ofMinutes(1),
                        Durability.FSYNC,
                        List.of("a", "b"),
                        List.of(),
                        9_000_000_000L,
                        true,
                        "",
                        Path.of("store")));
    }

    @Test
    void everyTypeIsReadFromTheFile() throws IOException {
        Path file = file("""
            log:
              format: json
            auth:
              users:
                - name: ada
                  password: pw
                  roles: [admin, ops]
            mqtt:
              port: 1883
              tls: {certificate: cert.pem}
              max-packet-size: 1MiB
              keep-alive: 30s
              durability: at-most-once
              origins:
                - x
              upstreams:
                - host: one
                - {host: two, timeout: 250ms}
              quota: 1
              retained: false
              folder: /var/tmp
            """);
        Configuration configuration = load(file);
        assertThat(configuration.host().log().format()).isEqualTo(LogConfig.Format.JSON);
        assertThat(configuration.host().auth().users())
                .containsExactly(new UserConfig("ada", "pw", List.of("admin", "ops")));
        assertThat(configuration.plugin("mqtt", Shape.class))
                .isEqualTo(new Shape(
                        new Endpoint(1883, ""),
                        new Tls("cert.pem"),
                        new ByteSize(1 << 20),
                        Duration.ofSeconds(30),
                        Durability.AT_MOST_ONCE,
                        List.of("x"),
                        List.of(
                                new Upstream("one", Duration.ofSeconds(5)),
                                new Upstream("two", Duration.ofMillis(250))),
                        1,
                        false,
                        "",
                        Path.of("/var/tmp")));
    }

    @Test
    void environmentOverridesTheFileAndOptionsOverrideBoth() throws IOException {
        Path file = file("bind: 0.0.0.0\nmqtt:\n  port: 1\n  max-packet-size: 1KiB\n  keep-alive: 2s\n");
        environment.put("MILLRACE_BIND", "10.0.0.1");
        environment.put("MILLRACE_MQTT_PORT", "2");
        environment.put("MILLRACE_MQTT_MAX_PACKET_SIZE", "2KiB");
        environment.put("MILLRACE_MQTT_TLS_CERTIFICATE", "c.pem");
        Configuration configuration = load(file, "mqtt.port=3", "mqtt.origins=p,q", "log.level=debug");
        Shape shape = configuration.plugin("mqtt", Shape.class);
        assertThat(configuration.host().bind()).isEqualTo("10.0.0.1");
        assertThat(configuration.host().log().level()).isEqualTo(LogConfig.Level.DEBUG);
        assertThat(shape.endpoint().port()).isEqualTo(3);
        assertThat(shape.maxPacketSize()).isEqualTo(new ByteSize(2048));
        assertThat(shape.keepAlive()).isEqualTo(Duration.ofSeconds(2));
        assertThat(shape.tls().certificate()).isEqualTo("c.pem");
        assertThat(shape.origins()).containsExactly("p", "q");
    }

    @Test
    void anEmptyEnvironmentVariableIsUnset() {
        environment.put("MILLRACE_MQTT_PORT", "");
        assertThat(load().plugin("mqtt", Shape.class).endpoint().port()).isEqualTo(-1);
    }

    @Test
    void aListCanBeGivenInYamlOnTheCommandLine() {
        Shape shape = load(null, "mqtt.upstreams=[{host: one}, {host: two}]").plugin("mqtt", Shape.class);
        assertThat(shape.upstreams()).extracting(Upstream::host).containsExactly("one", "two");
    }

    @Test
    void aKeyWithDotsIsTheSameAsNestedSections() throws IOException {
        Configuration configuration = load(file("log.level: warn\nlog:\n  format: json\nmqtt.tls.certificate: c\n"));
        assertThat(configuration.host().log()).isEqualTo(new LogConfig(LogConfig.Format.JSON, LogConfig.Level.WARN));
        assertThat(configuration.plugin("mqtt", Shape.class).tls().certificate())
                .isEqualTo("c");
    }

    @Test
    void secretsComeFromTheEnvironmentAndFromFiles() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "s3cret\n");
        environment.put("PW", "from-env");
        Path file = file("mqtt:\n  password: ${env:PW}\n  bind: ${file:" + secret + "}$${x}\n");
        Shape shape = load(file).plugin("mqtt", Shape.class);
        assertThat(shape.password()).isEqualTo("from-env");
        assertThat(shape.endpoint().bind()).isEqualTo("s3cret${x}");
    }

    @Test
    void anUnknownKeyIsReportedWithItsLineAndTheNearestKnownOne() throws IOException {
        Path file = file("# comment\nmqtt:\n  prot: 1883\n");
        assertThatThrownBy(() -> load(file).plugin("mqtt", Shape.class))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("unknown key mqtt.prot at " + file + ":3, did you mean mqtt.port?");
    }

    @Test
    void camelCaseIsRecognisedAsASlip() throws IOException {
        Path file = file("mqtt:\n  maxPacketSize: 1KiB\n");
        assertThatThrownBy(() -> load(file).plugin("mqtt", Shape.class))
                .hasMessageEndingWith(":2, did you mean mqtt.max-packet-size?");
    }

    @Test
    void anUnknownKeyNearNothingGetsNoSuggestion() throws IOException {
        Path file = file("mqtt:\n  wholly-unrelated-thing: 1\n");
        assertThatThrownBy(() -> load(file).plugin("mqtt", Shape.class))
                .hasMessage("unknown key mqtt.wholly-unrelated-thing at " + file + ":2");
    }

    @Test
    void allProblemsAreReportedTogether() throws IOException {
        Path file = file("""
            mqtt:
              port: 70000
              tls:
                certifcate: x
              max-packet-size: big
              keep-alive: 30
              durability: sometimes
              quota: 1.5
              retained: maybe
              upstreams:
                - host: a
                  tiemout: 1s
            """);
        environment.put("MILLRACE_MQTT_PROT", "1");
        ConfigurationException e = problemsOf(() -> load(file).plugin("mqtt", Shape.class));
        assertThat(e.problems())
                .containsExactlyInAnyOrder(
                        "mqtt.port = 70000 at " + file + ":2: must be at most 65535 (TCP port)",
                        "unknown key mqtt.tls.certifcate at " + file + ":4, did you mean mqtt.tls.certificate?",
                        "mqtt.max-packet-size = big at " + file
                                + ":5: not a size; write for example 512, 64KiB, 1MiB or 4GiB",
                        "mqtt.keep-alive = 30 at " + file
                                + ":6: not a duration; write for example 250ms, 30s, 5m, 12h or 7d",
                        "mqtt.durability = sometimes at " + file + ":7: none of fsync, at-most-once",
                        "mqtt.quota = 1.5 at " + file + ":8: not a whole number",
                        "mqtt.retained = maybe at " + file + ":9: neither true nor false",
                        "unknown key mqtt.upstreams[0].tiemout at " + file
                                + ":12, did you mean mqtt.upstreams[0].timeout?",
                        "unknown environment variable MILLRACE_MQTT_PROT, did you mean MILLRACE_MQTT_PORT?");
    }

    @Test
    void rangesAreTheOnesOfTheSettingInItsOwnUnit() {
        assertThat(problemsOf(() -> load(null, "mqtt.keep-alive=2h", "mqtt.max-packet-size=1")
                                .plugin("mqtt", Shape.class))
                        .problems())
                .containsExactly(
                        "mqtt.max-packet-size = 1 in --set mqtt.max-packet-size: must be at least 128",
                        "mqtt.keep-alive = 2h in --set mqtt.keep-alive: must be at most 1h");
    }

    @Test
    void aRecordThatRefusesItsValuesIsReported() throws IOException {
        Path file = file("odd:\n  number: 3\n");
        assertThatThrownBy(() -> load(file).plugin("odd", Even.class))
                .hasMessageStartingWith("odd at " + file)
                .hasMessageEndingWith("3 is odd");
    }

    @Test
    void aSecretIsNeverShown() throws IOException {
        Path file = file("mqtt:\n  password: hunter2\n  port: ${env:PORT}\n");
        environment.put("PORT", "tops3cret");
        Configuration configuration = load(file);
        assertThatThrownBy(() -> configuration.plugin("mqtt", Shape.class))
                .hasMessageContaining("mqtt.port = ${env:PORT}")
                .hasMessageNotContaining("tops3cret");
        assertThat(configuration.effective().toString())
                .contains("mqtt.password", "${env:PORT}")
                .doesNotContain("hunter2", "tops3cret");
    }

    @Test
    void aMissingSecretIsReported() throws IOException {
        Path file = file("mqtt:\n  password: ${env:NOT_THERE}\n  bind: ${file:/no/such}\n");
        assertThat(problemsOf(() -> load(file).plugin("mqtt", Shape.class)).problems())
                .containsExactlyInAnyOrder(
                        "mqtt.password = ${env:NOT_THERE} at " + file + ":2: environment variable NOT_THERE is not set",
                        "mqtt.bind = ${file:/no/such} at " + file + ":3: file /no/such does not exist");
    }

    @Test
    void hostKeysAreCheckedAtOnceAndTogether() throws IOException {
        Path file = file("bnd: 0.0.0.0\nlog:\n  levle: info\nlimits:\n  content: 1GiB\n");
        environment.put("MILLRACE_LOG_FORMT", "json");
        assertThat(problemsOf(() -> load(file, "dta=/tmp", "nonsense")).problems())
                .containsExactlyInAnyOrder(
                        "unknown key bnd at " + file + ":1, did you mean bind?",
                        "unknown key log.levle at " + file + ":3, did you mean log.level?",
                        "limits.content = 1GiB at " + file
                                + ":5: must be at most 64MiB (largest content of a record or message, to 64MiB)",
                        "unknown environment variable MILLRACE_LOG_FORMT, did you mean MILLRACE_LOG_FORMAT?",
                        "unknown key dta in --set dta, did you mean data?",
                        "--set nonsense is not key=value; write for example --set http.port=8080");
    }

    @Test
    void brokenYamlIsReportedWithItsLine() throws IOException {
        Path file = file("bind: 127.0.0.1\nlog: [json\n");
        assertThatThrownBy(() -> load(file)).hasMessageMatching("(?s)not YAML at .*conf.yaml:\\d: .*");
    }

    @Test
    void aKeySetTwiceIsReportedWithBothLines() throws IOException {
        Path file = file("bind: a\nmqtt:\n  port: 1\n  port: 2\nbind: b\n");
        assertThat(problemsOf(() -> load(file)).problems())
                .containsExactly(
                        "key port is set twice: at " + file + ":3 and at " + file + ":4",
                        "key bind is set twice: at " + file + ":1 and at " + file + ":5");
    }

    @Test
    void aMissingFileIsReported() {
        Path file = directory.resolve("none.yaml");
        assertThatThrownBy(() -> load(file)).hasMessage("no configuration file " + file + "; name one with --config");
    }

    @Test
    void whatIsSetForAPluginThatIsNotThereIsAWarning() throws IOException {
        Path file = file("mqtt:\n  port: 1\nreddis:\n  port: 2\nempty:\n");
        environment.put("MILLRACE_AMQP_PORT", "5672");
        assertThat(load(file, "reddis.bind=::1", "coap.port=1").checkSections(Set.of("mqtt", "redis")))
                .containsExactly(
                        "section coap in --set coap.port waits for a plugin that is not installed",
                        "section reddis at " + file + ":4 and in --set reddis.bind waits for a plugin that is not"
                                + " installed, did you mean redis?",
                        "environment variable MILLRACE_AMQP_PORT matches no key of the host or of an installed plugin");
    }

    @Test
    void whatIsSetForAPluginThatComesLaterIsItsOwn() {
        environment.put("MILLRACE_HTTP_ADMIN_PORT", "1");
        Configuration configuration = load(null, "http-admin.id=x");
        configuration.checkSections(Set.of("http"));

        assertThat(configuration.plugin("http", Endpoint.class).port()).isEqualTo(-1);
        assertThat(configuration.awaited(Set.of("http")))
                .extracting(AwaitedPlugin::id)
                .containsExactly("http-admin");
        assertThatThrownBy(() -> configuration.plugin("http-admin", Endpoint.class))
                .hasMessageContaining("unknown key http-admin.id in --set http-admin.id");
        assertThat(configuration.awaited(Set.of("http"))).isEmpty();
    }

    @Test
    void anOptionAPluginDoesNotKnowIsRememberedForTheHost() {
        Configuration configuration = load(null, "mqtt.prot=1");
        assertThatThrownBy(() -> configuration.plugin("mqtt", Shape.class));
        assertThat(configuration.optionProblems())
                .containsExactly("unknown key mqtt.prot in --set mqtt.prot, did you mean mqtt.port?");
    }

    @Test
    void variablesThatKubernetesSetsForAServiceAreLeftAlone() {
        environment.put("MILLRACE_HTTP_SERVICE_HOST", "10.0.0.7");
        environment.put("MILLRACE_HTTP_PORT", "tcp://10.0.0.7:80");
        environment.put("MILLRACE_HTTP_PORT_80_TCP_ADDR", "10.0.0.7");
        Configuration configuration = load();
        assertThat(configuration.checkSections(Set.of("http"))).isEmpty();
        assertThat(configuration.plugin("http", Endpoint.class).port()).isEqualTo(-1);
    }

    @Test
    void aVariableOfAPluginWithALongerNameIsNotTheShorterOnes() {
        environment.put("MILLRACE_HTTP_ADMIN_PORT", "1");
        Configuration configuration = load();
        assertThat(configuration.checkSections(Set.of("http", "http-admin"))).isEmpty();
        assertThat(configuration.plugin("http", Endpoint.class).port()).isEqualTo(-1);
        assertThat(configuration.plugin("http-admin", Endpoint.class).port()).isEqualTo(1);
    }

    @Test
    void disabledAndRequiredAreTheHostsInEverySection() throws IOException {
        Path file = file("mqtt:\n  required: true\n  port: 1\namqp:\n  disabled: true\ngone:\n  required: true\n");
        Configuration configuration = load(file);
        assertThat(configuration.policy("mqtt")).isEqualTo(new PluginPolicy(false, true));
        assertThat(configuration.policy("amqp")).isEqualTo(new PluginPolicy(true, false));
        assertThat(configuration.requiredPlugins()).containsExactly("gone", "mqtt");
        assertThat(configuration.plugin("mqtt", Endpoint.class).port()).isEqualTo(1);
    }

    @Test
    void effectiveValuesSayWhereTheyWereSet() throws IOException {
        Path file = file("bind: 0.0.0.0\nhttp:\n  port: 1\n");
        environment.put("MILLRACE_DATA", "/var/lib/millrace");
        assertThat(load(file, "http.port=2").effective())
                .contains(
                        new EffectiveValue("bind", "0.0.0.0", new Origin.File(file.toString(), 1)),
                        new EffectiveValue("data", "/var/lib/millrace", new Origin.Environment("MILLRACE_DATA")),
                        new EffectiveValue("event-loops", "0", new Origin.Default()),
                        new EffectiveValue("http.port", "2", new Origin.Option("http.port")));
    }

    private Path file(String yaml) throws IOException {
        return Files.writeString(directory.resolve("conf.yaml"), yaml);
    }

    private Configuration load() {
        return load(null);
    }

    private Configuration load(Path file, String... options) {
        return Configuration.load(new ConfigurationSources(file, environment, List.of(options)));
    }

    private static ConfigurationException problemsOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return org.assertj.core.api.Assertions.catchThrowableOfType(ConfigurationException.class, call);
    }
}
