package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.millrace.host.TestHost;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** Records of a table with a JSON Schema. */
class SchemaTest {
    private static final String DEFINITION = """
        {"schema": {"type": "object", "required": ["temp"],
                    "properties": {"temp": {"type": "number", "maximum": 100}}}}\
        """;

    @RegisterExtension
    private final RunningHost host = new RunningHost();

    private static AbstractThrowableAssert<?, ?> assertInvalid(ThrowingCallable act) {
        return assertThatThrownBy(act)
                .cause()
                .satisfies(e -> assertThat(((ResourceException) e).code()).isEqualTo(ErrorCode.INVALID));
    }

    @Test
    void recordsThatDoNotFulfilItAreRefusedWithThePlaceAndTheRule() throws Exception {
        host.put("$sys/tables/t", DEFINITION);
        host.put("t/a", "{\"temp\":20}");

        assertInvalid(() -> host.put("t/b", "{\"temp\":\"warm\"}"))
                .hasMessageContaining("'/temp'")
                .hasMessageContaining("'type'");
        assertInvalid(() -> host.put("t/b", "{\"temp\":101}"))
                .hasMessageContaining("'/temp'")
                .hasMessageContaining("'maximum'");
        assertInvalid(() -> host.put("t/b", "{}")).hasMessageContaining("'required'");
        assertInvalid(() -> TestHost.await(host.client().post("t", host.json("[]"), WriteOptions.DEFAULT)))
                .hasMessageContaining("'type'");
        assertInvalid(() -> TestHost.await(host.client()
                        .put(
                                RunningHost.path("t/b"),
                                host.host().context().contents().of(MediaType.OCTET_STREAM, new byte[3]),
                                WriteOptions.DEFAULT)))
                .hasMessageContaining("application/octet-stream");
    }

    @Test
    void whatAPatchMakesIsChecked() throws Exception {
        host.put("$sys/tables/t", DEFINITION);
        host.put("t/a", "{\"temp\":20}");
        TestHost.await(host.client().patch(RunningHost.path("t/a"), host.json("{\"temp\":21}"), WriteOptions.DEFAULT));

        assertInvalid(() -> TestHost.await(host.client()
                        .patch(RunningHost.path("t/a"), host.json("{\"temp\":null}"), WriteOptions.DEFAULT)))
                .hasMessageContaining("'required'");
    }

    @Test
    void aSchemaThatExistingRecordsDoNotFulfilIsRefusedWithTheirNumber() throws Exception {
        host.put("t/a", "{\"temp\":20}");
        host.put("t/b", "{\"temp\":\"warm\"}");

        assertInvalid(() -> host.put("$sys/tables/t", DEFINITION))
                .hasMessageContaining("1 of 2 records")
                .hasMessageContaining("'t/b'");
        host.put("t/c", "1");
        assertInvalid(() -> host.put("$sys/tables/t", DEFINITION)).hasMessageContaining("2 of 3 records");
    }

    @Test
    void whatIsNoSchemaIsRefused() {
        assertInvalid(() -> host.put("$sys/tables/t", "{\"schema\":{\"type\":7}}"))
                .hasMessageContaining("'schema'");
        assertInvalid(() -> host.put("$sys/tables/t", "{\"schema\":[]}")).hasMessageContaining("'schema'");
        assertInvalid(() -> host.put("$sys/tables/t", "{\"schema\":{\"$ref\":\"http://127.0.0.1:1/x\"}}"))
                .hasMessageContaining("'schema'");
    }

    @Test
    void aTransactionHasOneNewSchemaAtMost() {
        var one = new Write.Put(RunningHost.path("$sys/tables/t"), host.json(DEFINITION), WriteOptions.DEFAULT);
        var other = new Write.Put(RunningHost.path("$sys/tables/u"), host.json(DEFINITION), WriteOptions.DEFAULT);
        assertThatThrownBy(() -> TestHost.await(host.client().transact(List.of(one, other))))
                .hasMessageContaining("only one new schema");
    }

    @Test
    void aSchemaHoldsAfterARestart() throws Exception {
        host.put("$sys/tables/t", DEFINITION);
        host.restart();

        assertInvalid(() -> host.put("t/b", "{}")).hasMessageContaining("'required'");
    }
}
