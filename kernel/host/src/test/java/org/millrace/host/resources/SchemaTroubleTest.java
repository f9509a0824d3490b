package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.host.TestHost;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.WriteOptions;

/** Schemas that are wrong or costly in themselves harm neither the host nor other tables. */
class SchemaTroubleTest {
    private static final String DEFINITION = "$sys/tables/t";

    @RegisterExtension
    private final RunningHost host = new RunningHost();

    private static AbstractThrowableAssert<?, ?> assertRefused(ErrorCode code, ThrowingCallable act) {
        return assertThatThrownBy(act)
                .cause()
                .satisfies(e -> assertThat(((ResourceException) e).code()).isEqualTo(code));
    }

    private void patch(String path, String content) throws Exception {
        TestHost.await(host.client().patch(RunningHost.path(path), host.json(content), WriteOptions.DEFAULT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"$ref\":\"#\"}",
                "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"allOf\":[{\"$ref\":\"#/$defs/b\"}]},"
                        + "\"b\":{\"$ref\":\"#/$defs/a\"}}}"
            })
    void aSchemaThatRefersToItselfWithoutEndIsRefused(String schema) {
        assertRefused(ErrorCode.INVALID, () -> host.put(DEFINITION, "{\"schema\":" + schema + "}"))
                .hasMessageContaining("without end");
    }

    @Test
    void aSchemaThatRefersToItselfWithoutEndForSomeRecordsRefusesThose() throws Exception {
        host.put(
                DEFINITION,
                "{\"schema\":{\"properties\":{\"a\":{\"$ref\":\"#/$defs/a\"}},"
                        + "\"$defs\":{\"a\":{\"$ref\":\"#/$defs/a\"}}}}");

        assertRefused(ErrorCode.INVALID, () -> host.put("t/1", "{\"a\":1}")).hasMessageContaining("without end");
        host.put("t/2", "{\"b\":1}");
        assertRefused(ErrorCode.INVALID, () -> patch("t/2", "{\"a\":1}")).hasMessageContaining("without end");
        host.put("t/3", "{\"b\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"$ref", "$dynamicRef"})
    void aReferenceToASchemaElsewhereIsRefusedWithItsNameAndTheRemedy(String keyword) {
        assertRefused(
                        ErrorCode.INVALID,
                        () -> host.put(DEFINITION, "{\"schema\":{\"" + keyword + "\":\"http://127.0.0.1:1/x\"}}"))
                .hasMessageContaining("http://127.0.0.1:1/x")
                .hasMessageContaining("elsewhere")
                .hasMessageContaining("$defs");
    }

    @Test
    void aReferenceElsewhereThatShowsOnlyWithARecordRefusesTheRecord() throws Exception {
        host.put(DEFINITION, "{\"schema\":{\"properties\":{\"a\":{\"$dynamicRef\":\"http://127.0.0.1:1/x\"}}}}");

        assertRefused(ErrorCode.INVALID, () -> host.put("t/1", "{\"a\":1}")).hasMessageContaining("elsewhere");
    }

    @Test
    void aPatternThatIsNoneIsRefusedWithThePlaceInIt() {
        assertRefused(ErrorCode.INVALID, () -> host.put(DEFINITION, "{\"schema\":{\"pattern\":\"a((\"}}"))
                .hasMessageContaining("'a(('")
                .hasMessageContaining("character 3");
    }

    @Test
    void aPatternThatWouldTakeForeverRefusesTheRecord() throws Exception {
        host.put(DEFINITION, "{\"schema\":{\"properties\":{\"a\":{\"pattern\":\"^(a+)+\\\\1$\"}}}}");
        String slow = "{\"a\":\"" + "a".repeat(40) + "!\"}";

        assertRefused(ErrorCode.TOO_LARGE, () -> host.put("t/1", slow)).hasMessageContaining("'^(a+)+\\1$'");
        host.put("t/2", "{\"a\":\"aaaa\"}");
        assertRefused(ErrorCode.TOO_LARGE, () -> patch("t/2", slow)).hasMessageContaining("too many steps");
    }

    @Test
    void aTextTooLongForAPatternWithGroupsIsRefusedAndWritingGoesOn() throws Exception {
        host.put(DEFINITION, "{\"schema\":{\"properties\":{\"a\":{\"pattern\":\"^(a|aa)+$\"}}}}");
        String slow = "{\"a\":\"" + "a".repeat(200_000) + "!\"}";

        assertRefused(ErrorCode.TOO_LARGE, () -> host.put("t/1", slow)).hasMessageContaining("200001 characters");
        host.put("t/2", "{\"a\":\"aaaa\"}");
        assertRefused(ErrorCode.TOO_LARGE, () -> patch("t/2", slow)).hasMessageContaining("too often");
        host.put("t/3", "{\"a\":\"aaaa\"}");
    }

    @Test
    void aLongTextMayBeHeldAgainstASimplePattern() throws Exception {
        host.put(DEFINITION, "{\"schema\":{\"properties\":{\"a\":{\"pattern\":\"^[a-z ]*$\"}}}}");

        host.put("t/1", "{\"a\":\"" + "some words ".repeat(50_000) + "\"}");
        assertRefused(ErrorCode.INVALID, () -> host.put("t/2", "{\"a\":\"x\\n\"}"))
                .hasMessageContaining("'pattern'");
    }
}
