package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.content.Bytes.utf8;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;

/** What a patch is found to have touched. */
class TouchedFieldsTest {
    private final ContentFormats formats = new ContentFormats(new ContentLimits(100_000, 64));

    @Test
    void aMergePatchTouchesItsLeaves() {
        TouchedFields touched =
                of("{\"a\":{\"b\":1}}", MediaType.MERGE_PATCH, "{\"a\":{\"b\":2,\"c/d\":null},\"e\":[1,{\"x\":1}]}");
        assertThat(touched.whole()).isFalse();
        assertThat(touched.set()).containsExactly("/a/b", "/a/c~1d", "/e");
    }

    @Test
    void anEmptyObjectIsAFieldOnlyWhereItMakesAnObject() {
        assertThat(of("{\"a\":1,\"b\":{}}", MediaType.MERGE_PATCH, "{\"a\":{},\"b\":{},\"c\":1}")
                        .set())
                .containsExactly("/a", "/c");
    }

    @Test
    void whatTouchesNoFieldStandsForTheWhole() {
        assertThat(of("{\"a\":1}", MediaType.MERGE_PATCH, "{}").whole()).isTrue();
        assertThat(of("{\"a\":1}", MediaType.MERGE_PATCH, "5").whole()).isTrue();
        assertThat(of(null, MediaType.MERGE_PATCH, "{}").whole()).isTrue();
        assertThat(of("{\"a\":1}", MediaType.JSON_PATCH, "[{\"op\":\"add\",\"path\":\"\",\"value\":{}}]")
                        .whole())
                .isTrue();
    }

    @Test
    void whatAJsonPatchDoesWithinAnArrayItDoesToTheArray() {
        TouchedFields touched = of(
                "{\"a\":{\"l\":[1,{\"x\":1}]},\"b\":1,\"n\":1}",
                MediaType.JSON_PATCH,
                "[{\"op\":\"replace\",\"path\":\"/a/l/1/x\",\"value\":2},{\"op\":\"move\",\"from\":\"/b\",\"path\":\"/c\"},"
                    + "{\"op\":\"increment\",\"path\":\"/n\",\"value\":2},"
                    + "{\"op\":\"increment\",\"path\":\"/n\",\"value\":3},"
                    + "{\"op\":\"increment\",\"path\":\"/a/l/0\",\"value\":3}]");
        assertThat(touched.set()).containsExactly("/a/l", "/b", "/c");
        assertThat(touched.counted()).containsOnly(java.util.Map.entry("/n", 5L));
    }

    @Test
    void whatLiesInAnotherFieldAndWhatWasSetAsWellIsNotNamedTwice() {
        TouchedFields touched = of(
                "{\"n\":1}",
                MediaType.JSON_PATCH,
                "[{\"op\":\"add\",\"path\":\"/a\",\"value\":{}},{\"op\":\"add\",\"path\":\"/a/b\",\"value\":1},"
                        + "{\"op\":\"replace\",\"path\":\"/n\",\"value\":0},"
                        + "{\"op\":\"increment\",\"path\":\"/n\",\"value\":3}]");
        assertThat(touched.set()).containsExactly("/a", "/n");
        assertThat(touched.counted()).isEmpty();
    }

    private TouchedFields of(@Nullable String base, MediaType type, String patch) {
        Content before = base == null ? null : formats.of(MediaType.JSON, utf8(base));
        Content changes = formats.of(type, utf8(patch));
        return TouchedFields.of(before, changes, formats.merge(before, changes));
    }
}
