package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.host.TestHost;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** Records of a table with a JSON Schema. */
class SchemaTest {
    private static final String DEFINITION = """
        {"schema": {"type": "object", "required": ["temp"],
                    "properties": {"temp": {"type": "number", "maximum": 100}}}}\
        """;

    @TempDir
    private Path directory;

    private TestHost host;
    private Resources client;

    @BeforeEach
    void start() throws Exception {
        host = TestHost.start(directory);
        client = host.client();
    }

    @AfterEach
    void stop() {
        host.close();
    }

    private void put(String path, String json) throws Exception {
        TestHost.await(client.put(path(path), host.json(json), WriteOptions.DEFAULT));
    }

    private static org.millrace.spi.resource.Path path(String text) {
        return org.millrace.spi.resource.Path.of(text);
    }

    private static AbstractThrowableAssert<?, ?> assertInvalid(ThrowingCallable act) {
        return assertThatThrownBy(act)
                .cause()
                .satisfies(e -> assertThat(((ResourceException) e).code()).isEqualTo(ErrorCode.INVALID));
    }

    @Test
    void recordsThatDoNotFulfilItAreRefusedWithThePlaceAndTheRule() throws Exception {
        put("$sys/tables/t", DEFINITION);
        put("t/a", "{\"temp\":20}");

        assertInvalid(() -> put("t/b", "{\"temp\":\"warm\"}"))
                .hasMessageContaining("'/temp'")
                .hasMessageContaining("'type'");
        assertInvalid(() -> put("t/b", "{\"temp\":101}"))
                .hasMessageContaining("'/temp'")
                .hasMessageContaining("'maximum'");
        assertInvalid(() -> put("t/b", "{}")).hasMessageContaining("'required'");
        assertInvalid(() -> TestHost.await(client.post("t", host.json("[]"), WriteOptions.DEFAULT)))
                .hasMessageContaining("'type'");
        assertInvalid(() -> TestHost.await(client.put(
                        path("t/b"),
                        host.context().contents().of(MediaType.OCTET_STREAM, new byte[3]),
                        WriteOptions.DEFAULT)))
                .hasMessageContaining("application/octet-stream");
    }

    @Test
    void whatAPatchMakesIsChecked() throws Exception {
        put("$sys/tables/t", DEFINITION);
        put("t/a", "{\"temp\":20}");
        TestHost.await(client.patch(path("t/a"), host.json("{\"temp\":21}"), WriteOptions.DEFAULT));

        assertInvalid(() ->
                        TestHost.await(client.patch(path("t/a"), host.json("{\"temp\":null}"), WriteOptions.DEFAULT)))
                .hasMessageContaining("'required'");
    }

    @Test
    void aSchemaThatExistingRecordsDoNotFulfilIsRefusedWithTheirNumber() throws Exception {
        put("t/a", "{\"temp\":20}");
        put("t/b", "{\"temp\":\"warm\"}");

        assertInvalid(() -> put("$sys/tables/t", DEFINITION))
                .hasMessageContaining("1 of 2 records")
                .hasMessageContaining("'t/b'");
        put("t/c", "1");
        assertInvalid(() -> put("$sys/tables/t", DEFINITION)).hasMessageContaining("2 of 3 records");
    }

    @Test
    void whatIsNoSchemaIsRefused() {
        assertInvalid(() -> put("$sys/tables/t", "{\"schema\":{\"type\":7}}")).hasMessageContaining("'schema'");
        assertInvalid(() -> put("$sys/tables/t", "{\"schema\":[]}")).hasMessageContaining("'schema'");
        assertInvalid(() -> put("$sys/tables/t", "{\"schema\":{\"$ref\":\"http://127.0.0.1:1/x\"}}"))
                .hasMessageContaining("'schema'");
    }

    @Test
    void aTransactionHasOneNewSchemaAtMost() {
        var one = new Write.Put(path("$sys/tables/t"), host.json(DEFINITION), WriteOptions.DEFAULT);
        var other = new Write.Put(path("$sys/tables/u"), host.json(DEFINITION), WriteOptions.DEFAULT);
        assertThatThrownBy(() -> TestHost.await(client.transact(List.of(one, other))))
                .hasMessageContaining("only one new schema");
    }

    @Test
    void aSchemaHoldsAfterARestart() throws Exception {
        put("$sys/tables/t", DEFINITION);
        host.close();
        start();

        assertInvalid(() -> put("t/b", "{}")).hasMessageContaining("'required'");
    }
}
