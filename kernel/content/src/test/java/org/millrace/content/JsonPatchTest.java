package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.millrace.content.Bytes.hex;
import static org.millrace.content.Bytes.json;
import static org.millrace.content.Bytes.text;
import static org.millrace.content.Bytes.utf8;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class JsonPatchTest {
    private static final MediaType[] ALL = {MediaType.JSON, MediaType.CBOR, MediaType.MSGPACK};

    private final ContentFormats formats = new ContentFormats(ContentLimits.ofSize(2_000));

    private Content base(String json, MediaType type) {
        Content content = formats.of(MediaType.JSON, utf8(json));
        return formats.of(type, content.as(type).toByteArray());
    }

    private Content patch(String json) {
        return formats.of(MediaType.JSON_PATCH, utf8(json));
    }

    /** RFC 6902 appendix A, on every format. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // A.1 to A.7
                "{\"foo\":\"bar\"} | [{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\"}]"
                        + " | {\"foo\":\"bar\",\"baz\":\"qux\"}",
                "{\"foo\":[\"bar\",\"baz\"]} | [{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":\"qux\"}]"
                        + " | {\"foo\":[\"bar\",\"qux\",\"baz\"]}",
                "{\"baz\":\"qux\",\"foo\":\"bar\"} | [{\"op\":\"remove\",\"path\":\"/baz\"}] | {\"foo\":\"bar\"}",
                "{\"foo\":[\"bar\",\"qux\",\"baz\"]} | [{\"op\":\"remove\",\"path\":\"/foo/1\"}]"
                        + " | {\"foo\":[\"bar\",\"baz\"]}",
                "{\"baz\":\"qux\",\"foo\":\"bar\"} | [{\"op\":\"replace\",\"path\":\"/baz\",\"value\":\"boo\"}]"
                        + " | {\"baz\":\"boo\",\"foo\":\"bar\"}",
                "{\"foo\":{\"bar\":\"baz\",\"waldo\":\"fred\"},\"qux\":{\"corge\":\"grault\"}}"
                        + " | [{\"op\":\"move\",\"from\":\"/foo/waldo\",\"path\":\"/qux/thud\"}]"
                        + " | {\"foo\":{\"bar\":\"baz\"},\"qux\":{\"corge\":\"grault\",\"thud\":\"fred\"}}",
                "{\"foo\":[\"all\",\"grass\",\"cows\",\"eat\"]}"
                        + " | [{\"op\":\"move\",\"from\":\"/foo/1\",\"path\":\"/foo/3\"}]"
                        + " | {\"foo\":[\"all\",\"cows\",\"eat\",\"grass\"]}",
                // A.8
                "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}"
                        + " | [{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"qux\"},"
                        + "{\"op\":\"test\",\"path\":\"/foo/1\",\"value\":2}]"
                        + " | {\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}",
                // A.10, A.11
                "{\"foo\":\"bar\"} | [{\"op\":\"add\",\"path\":\"/child\",\"value\":{\"grandchild\":{}}}]"
                        + " | {\"foo\":\"bar\",\"child\":{\"grandchild\":{}}}",
                "{\"foo\":\"bar\"} | [{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\",\"xyz\":123}]"
                        + " | {\"foo\":\"bar\",\"baz\":\"qux\"}",
                // A.14, A.16
                "{\"/\":9,\"~1\":10} | [{\"op\":\"test\",\"path\":\"/~01\",\"value\":10}] | {\"/\":9,\"~1\":10}",
                "{\"foo\":[\"bar\"]} | [{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[\"abc\",\"def\"]}]"
                        + " | {\"foo\":[\"bar\",[\"abc\",\"def\"]]}",
                // The text of section 4.
                "{\"a\":1} | [{\"op\":\"add\",\"path\":\"\",\"value\":[true]}] | [true]",
                "{\"a\":1} | [{\"op\":\"replace\",\"path\":\"\",\"value\":2}] | 2",
                "{\"a\":1} | [{\"op\":\"add\",\"path\":\"/a\",\"value\":2}] | {\"a\":2}",
                "{\"a\":{\"b\":1}} | [{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/c\"},"
                        + "{\"op\":\"replace\",\"path\":\"/a/b\",\"value\":2}] | {\"a\":{\"b\":2},\"c\":{\"b\":1}}",
                "{\"a\":{\"b\":1}} | [{\"op\":\"replace\",\"path\":\"/a/b\",\"value\":2},"
                        + "{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/c\"},"
                        + "{\"op\":\"remove\",\"path\":\"/a/b\"}] | {\"a\":{},\"c\":{\"b\":2}}",
                "{\"a\":{\"b\":1}} | [{\"op\":\"move\",\"from\":\"/a\",\"path\":\"\"}] | {\"b\":1}",
                "{\"a\":1} | [{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"}] | {\"a\":1}",
                "{\"a\":1} | [{\"op\":\"copy\",\"from\":\"\",\"path\":\"/b\"}] | {\"a\":1,\"b\":{\"a\":1}}",
                "{\"\":{\"\":1}} | [{\"op\":\"replace\",\"path\":\"//\",\"value\":2}] | {\"\":{\"\":2}}",
                "[0,1] | [{\"op\":\"add\",\"path\":\"/2\",\"value\":2}] | [0,1,2]",
                "{\"a\":{\"x\":1,\"y\":[1.0,null]}}"
                        + " | [{\"op\":\"test\",\"path\":\"/a\",\"value\":{\"y\":[1,null],\"x\":1.0}}]"
                        + " | {\"a\":{\"x\":1,\"y\":[1.0,null]}}",
                "{} | [] | {}"
            })
    void examplesThatApply(String base, String patch, String expected) {
        for (MediaType type : ALL) {
            Content result = formats.merge(base(base, type), patch(patch));

            assertThat(result.mediaType()).isEqualTo(type);
            assertThat(json(result)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // RFC 6902 A.9, A.12, A.15
                "{\"baz\":\"qux\"} | [{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"bar\"}]",
                "{\"foo\":\"bar\"} | [{\"op\":\"add\",\"path\":\"/baz/bat\",\"value\":\"qux\"}]",
                "{\"/\":9,\"~1\":10} | [{\"op\":\"test\",\"path\":\"/~01\",\"value\":\"10\"}]",
                // What is not there.
                "{} | [{\"op\":\"remove\",\"path\":\"/a\"}]",
                "{} | [{\"op\":\"replace\",\"path\":\"/a\",\"value\":1}]",
                "{} | [{\"op\":\"test\",\"path\":\"/a\",\"value\":null}]",
                "{} | [{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/b\"}]",
                "{} | [{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"}]",
                "{} | [{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}]",
                "[1] | [{\"op\":\"add\",\"path\":\"/2\",\"value\":1}]",
                "[1] | [{\"op\":\"add\",\"path\":\"/-1\",\"value\":1}]",
                "[1] | [{\"op\":\"add\",\"path\":\"/00\",\"value\":1}]",
                "[1] | [{\"op\":\"add\",\"path\":\"/a\",\"value\":1}]",
                "[1] | [{\"op\":\"replace\",\"path\":\"/1\",\"value\":1}]",
                "[1] | [{\"op\":\"remove\",\"path\":\"/-\"}]",
                "[1] | [{\"op\":\"remove\",\"path\":\"/99999999999\"}]",
                "1 | [{\"op\":\"add\",\"path\":\"/a\",\"value\":1}]",
                "\"text\" | [{\"op\":\"remove\",\"path\":\"/0\"}]",
                "{} | [{\"op\":\"remove\",\"path\":\"\"}]",
                // The last operation fails: none applies.
                "{} | [{\"op\":\"add\",\"path\":\"/a\",\"value\":1},{\"op\":\"test\",\"path\":\"/a\",\"value\":2}]"
            })
    void patchThatDoesNotFitIsAConflict(String base, String patch) {
        for (MediaType type : ALL) {
            assertThat(refusal(base(base, type), patch(patch)).code()).isEqualTo(ErrorCode.CONFLICT);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "1",
                "[1]",
                "[{}]",
                "[{\"op\":\"add\",\"value\":1}]",
                "[{\"op\":\"add\",\"path\":\"/a\"}]",
                "[{\"op\":\"replace\",\"path\":\"/a\"}]",
                "[{\"op\":\"test\",\"path\":\"/a\"}]",
                "[{\"op\":\"move\",\"path\":\"/a\"}]",
                "[{\"op\":\"copy\",\"path\":\"/a\"}]",
                "[{\"op\":\"ADD\",\"path\":\"/a\",\"value\":1}]",
                "[{\"op\":1,\"path\":\"/a\",\"value\":1}]",
                "[{\"op\":\"add\",\"path\":null,\"value\":1}]",
                "[{\"op\":\"add\",\"path\":\"a\",\"value\":1}]",
                "[{\"op\":\"add\",\"path\":\"/~2\",\"value\":1}]",
                "[{\"op\":\"add\",\"path\":\"/a~\",\"value\":1}]",
                "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]",
                "[{\"op\":\"move\",\"from\":\"\",\"path\":\"/a\"}]",
                // RFC 6902 A.13
                "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\",\"op\":\"remove\"}]",
                "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":1,\"value\":2}]"
            })
    void malformedPatchIsInvalid(String patch) {
        assertThat(refusal(base("{\"a\":{}}", MediaType.JSON), patch(patch)).code())
                .isEqualTo(ErrorCode.INVALID);
    }

    @Test
    void refusalNamesTheOperationAndThePlace() {
        Content patch = patch("[{\"op\":\"test\",\"path\":\"/a\",\"value\":1},{\"op\":\"remove\",\"path\":\"/b~1c\"}]");

        assertThat(refusal(base("{\"a\":1}", MediaType.JSON), patch))
                .hasMessage("operation 1 of the JSON Patch: there is nothing at '/b~1c'");
    }

    @Test
    void whatIsNotTouchedKeepsItsBytes() {
        Content json = formats.of(MediaType.JSON, utf8("{\"keep\": [ 1.50 ], \"a\":{\"b\": 1e0 ,\"c\":0}}"));
        Content cbor = formats.of(MediaType.CBOR, hex("a2 01 f93e00 6161 81 c11a514b67b0"));

        assertThat(text(formats.merge(json, patch("[{\"op\":\"replace\",\"path\":\"/a/c\",\"value\":1}]"))))
                .isEqualTo("{\"keep\":[ 1.50 ],\"a\":{\"b\":1e0,\"c\":1}}");
        assertThat(Bytes.hex(formats.merge(cbor, patch("[{\"op\":\"add\",\"path\":\"/a/0\",\"value\":\"x\"}]"))))
                .isEqualTo("a2 01 f93e00 6161 82 6178 c11a514b67b0".replace(" ", ""));
    }

    @Test
    void testComparesWhatJsonWouldShow() {
        Content cbor = formats.of(MediaType.CBOR, hex("a3 01 f93c00 6162 420102 6175 f7"));

        Content result = formats.merge(
                cbor, patch("[{\"op\":\"test\",\"path\":\"\",\"value\":{\"b\":\"AQI\",\"u\":null,\"1\":1}}]"));

        assertThat(result).isEqualTo(formats.of(MediaType.CBOR, hex("a3 01 f93c00 6162 420102 6175 f7")));
    }

    @Test
    void incrementAddsToAWholeNumberAndBeginsWithNone() {
        Content patch = patch("[{\"op\":\"increment\",\"path\":\"/n\",\"value\":-2},"
                + "{\"op\":\"increment\",\"path\":\"/a/0\",\"value\":1}]");
        assertThat(text(formats.merge(base("{\"a\":[41]}", MediaType.JSON), patch)))
                .isEqualTo("{\"a\":[42],\"n\":-2}");
        assertThat(text(formats.merge(null, patch("[{\"op\":\"increment\",\"path\":\"/n\",\"value\":1}]"))))
                .isEqualTo("{\"n\":1}");
        Content cbor = formats.of(MediaType.CBOR, hex("a1616e01"));
        assertThat(Bytes.hex(formats.merge(cbor, patch("[{\"op\":\"increment\",\"path\":\"/n\",\"value\":1}]"))))
                .isEqualTo("a1616e02");
    }

    @Test
    void incrementOfWhatIsNoWholeNumberIsRefused() {
        Content patch = patch("[{\"op\":\"increment\",\"path\":\"/n\",\"value\":1}]");
        for (String base : List.of("{\"n\":1.5}", "{\"n\":\"1\"}", "{\"n\":" + Long.MAX_VALUE + "}", "[]")) {
            assertThat(refusal(base(base, MediaType.JSON), patch).code())
                    .as(base)
                    .isEqualTo(ErrorCode.CONFLICT);
        }
        for (String op : List.of("\"path\":\"\",\"value\":1", "\"path\":\"/n\",\"value\":0.5", "\"path\":\"/n\"")) {
            assertThat(refusal(base("{}", MediaType.JSON), patch("[{\"op\":\"increment\"," + op + "}]"))
                            .code())
                    .as(op)
                    .isEqualTo(ErrorCode.INVALID);
        }
    }

    @Test
    void withoutABaseOnlyAddingTheWholeApplies() {
        Content made = formats.merge(null, patch("[{\"op\":\"add\",\"path\":\"\",\"value\":{\"a\":1}}]"));

        assertThat(made.mediaType()).isEqualTo(MediaType.JSON);
        assertThat(text(made)).isEqualTo("{\"a\":1}");
        assertThat(refusal(null, patch("[]")).code()).isEqualTo(ErrorCode.CONFLICT);
        assertThat(refusal(null, patch("[{\"op\":\"add\",\"path\":\"/a\",\"value\":1}]"))
                        .code())
                .isEqualTo(ErrorCode.CONFLICT);
        assertThat(refusal(null, patch("[{\"op\":\"replace\",\"path\":\"\",\"value\":1}]"))
                        .code())
                .isEqualTo(ErrorCode.CONFLICT);
    }

    @Test
    void resultThatNestsTooDeepIsRefused() {
        ContentFormats shallow = new ContentFormats(new ContentLimits(1_000, 4));
        Content patch =
                shallow.of(MediaType.JSON_PATCH, utf8("[{\"op\":\"add\",\"path\":\"/a/a/a/a\",\"value\":[[]]}]"));
        Content base = shallow.of(MediaType.JSON, utf8("{\"a\":{\"a\":{\"a\":{}}}}"));

        ResourceException refusal = catchThrowableOfType(ResourceException.class, () -> shallow.merge(base, patch));

        assertThat(refusal.code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void copiesThatDoubleTheContentAreStoppedAtTheSize() {
        StringBuilder patch = new StringBuilder("[");
        for (int i = 0; i < 40; i++) {
            patch.append(i == 0 ? "" : ",").append("{\"op\":\"copy\",\"from\":\"\",\"path\":\"/a\"}");
        }
        Content base = base("{\"b\":\"" + "x".repeat(100) + "\"}", MediaType.JSON);

        assertThat(refusal(base, patch(patch.append("]").toString())).code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void patchThatComparesLargeValuesOverAndOverIsStopped() {
        String large = "\"" + "x".repeat(900) + "\"";
        StringBuilder patch = new StringBuilder("[");
        for (int i = 0; i < 45; i++) {
            patch.append(i == 0 ? "" : ",").append("{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/c\"}");
            patch.append(",{\"op\":\"copy\",\"from\":\"/c/l\",\"path\":\"/d\"}");
        }
        Content base = base("{\"a\":{\"l\":" + large + "}}", MediaType.JSON);
        Content patchContent = new ContentFormats(ContentLimits.ofSize(100_000))
                .of(MediaType.JSON_PATCH, utf8(patch.append("]").toString()));

        assertThat(refusal(base, patchContent))
                .hasMessageContaining("16 times")
                .extracting(ResourceException::code)
                .isEqualTo(ErrorCode.TOO_LARGE);
    }

    private ResourceException refusal(Content base, Content patch) {
        ResourceException refusal = catchThrowableOfType(ResourceException.class, () -> formats.merge(base, patch));
        assertThat(refusal).as("refusal of %s", text(patch)).isNotNull();
        return refusal;
    }
}
