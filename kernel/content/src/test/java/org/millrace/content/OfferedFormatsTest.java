package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.ContentFormat;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Formats that plugins teach the host. */
class OfferedFormatsTest {
    private static final MediaType HEX = new MediaType("text/x-hex");

    private final ContentFormats formats = new ContentFormats(ContentLimits.ofSize(1_000));
    private final Hex hex = new Hex(HEX, MediaType.JSON);

    /** The model's bytes as hexadecimal digits; strings of more than 40 digits cannot be said. */
    private static class Hex implements ContentFormat {
        final AtomicInteger encodings = new AtomicInteger();
        private final MediaType type;
        private final MediaType model;

        Hex(MediaType type, MediaType model) {
            this.type = type;
            this.model = model;
        }

        @Override
        public MediaType mediaType() {
            return type;
        }

        @Override
        public MediaType model() {
            return model;
        }

        @Override
        public byte[] decode(byte[] bytes) {
            return HexFormat.of().parseHex(new String(bytes, StandardCharsets.US_ASCII));
        }

        @Override
        public byte[] encode(byte[] model) {
            encodings.incrementAndGet();
            if (model.length > 20) {
                throw new IllegalArgumentException(model.length + " bytes are too many to say");
            }
            return HexFormat.of().formatHex(model).getBytes(StandardCharsets.US_ASCII);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ResourceException refusal(Runnable act) {
        return catchThrowableOfType(ResourceException.class, act::run);
    }

    @Test
    void whatComesInATaughtFormatIsHeldAsItsModel() {
        formats.teach(hex);

        Content content = formats.of(HEX, utf8("7b2261223a317d"));

        assertThat(content.mediaType()).isEqualTo(MediaType.JSON);
        assertThat(new String(content.toByteArray(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}");
    }

    @Test
    void structuredContentOfAnyFormatCanBeHadInIt() {
        formats.teach(hex);
        Content cbor = formats.of(MediaType.CBOR, HexFormat.of().parseHex("a1616101"));

        Content given = cbor.as(HEX);

        assertThat(cbor.canBe(HEX)).isTrue();
        assertThat(given.mediaType()).isEqualTo(HEX);
        assertThat(new String(given.toByteArray(), StandardCharsets.US_ASCII)).isEqualTo("7b2261223a317d");
        assertThat(given.isStructured()).isTrue();
        assertThat(given.as(MediaType.CBOR)).isSameAs(cbor);
    }

    @Test
    void theFormatsThereAreAreListed() {
        assertThat(formats.formats()).containsExactly(MediaType.JSON, MediaType.CBOR, MediaType.MSGPACK);

        formats.teach(hex);

        assertThat(formats.formats()).containsExactly(MediaType.JSON, MediaType.CBOR, MediaType.MSGPACK, HEX);
    }

    @Test
    void aFormMadeForOneIsSharedByAll() {
        formats.teach(hex);
        Content json = formats.of(MediaType.JSON, utf8("1"));

        assertThat(json.canBe(HEX)).isTrue();
        assertThat(json.as(HEX)).isSameAs(json.as(HEX));
        assertThat(json.as(MediaType.CBOR).as(HEX)).isSameAs(json.as(HEX));
        assertThat(hex.encodings).hasValue(1);
    }

    @Test
    void aPatchMayComeInIt() {
        formats.teach(hex);
        Content base = formats.of(MediaType.JSON, utf8("{\"a\":1,\"b\":2}"));

        Content merged = formats.merge(base, formats.of(HEX, utf8(HexFormat.of().formatHex(utf8("{\"b\":3}")))));

        assertThat(new String(merged.toByteArray(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1,\"b\":3}");
    }

    @Test
    void whatIsNotInTheFormatIsRefusedWithThePluginsReason() {
        formats.teach(hex);

        ResourceException refusal = refusal(() -> formats.of(HEX, utf8("7x")));

        assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID);
        assertThat(refusal).hasMessageStartingWith("malformed text/x-hex: ").hasMessageContaining("120");
    }

    @Test
    void aPluginThatMakesMalformedContentIsToBlameAndNotTheClient() {
        formats.teach(hex);

        ResourceException refusal = refusal(() -> formats.of(HEX, utf8("7b")));

        assertThat(refusal.code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(refusal).hasMessage("the plugin that reads text/x-hex made malformed application/json of it");
    }

    @Test
    void anExceptionOfThePluginsIsInternal() {
        formats.teach(new ContentFormat() {
            @Override
            public MediaType mediaType() {
                return HEX;
            }

            @Override
            public byte[] decode(byte[] bytes) {
                throw new IllegalStateException("a defect");
            }

            @Override
            public byte[] encode(byte[] model) {
                throw new IllegalStateException("a defect");
            }
        });

        assertThat(refusal(() -> formats.of(HEX, utf8("00"))).code()).isEqualTo(ErrorCode.INTERNAL);
        Content json = formats.of(MediaType.JSON, utf8("1"));
        assertThat(json.canBe(HEX)).isFalse();
        assertThat(refusal(() -> json.as(HEX)).code()).isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void whatTheFormatCannotSayCannotBeHadInItAndIsTriedOnce() {
        formats.teach(hex);
        Content json = formats.of(MediaType.JSON, utf8("\"more than twenty bytes\""));

        assertThat(json.canBe(HEX)).isFalse();
        assertThat(json.canBe(HEX)).isFalse();
        ResourceException refusal = refusal(() -> json.as(HEX));
        assertThat(refusal.code()).isEqualTo(ErrorCode.UNSUPPORTED);
        assertThat(refusal).hasMessage("the content cannot be had as text/x-hex: 24 bytes are too many to say");
        assertThat(hex.encodings).hasValue(1);
    }

    @Test
    void decodedContentIsHeldToTheLimitOfSize() {
        ContentFormats small = new ContentFormats(ContentLimits.ofSize(10));
        small.teach(new Hex(HEX, MediaType.JSON) {
            @Override
            public byte[] decode(byte[] bytes) {
                return utf8("\"eleven...\"");
            }
        });

        assertThat(refusal(() -> small.of(HEX, utf8("00"))).code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void aFormatThatIsForgottenLeavesWhatCameInIt() {
        formats.teach(hex);
        Content came = formats.of(HEX, utf8("31"));

        formats.forget(hex);

        assertThat(came.canBe(HEX)).isFalse();
        assertThat(came.as(MediaType.JSON).toByteArray()).isEqualTo(utf8("1"));
        assertThat(formats.of(HEX, utf8("31")).isStructured()).isFalse();
    }

    @Test
    void theHostsOwnTypesCannotBeTaught() {
        for (String own : new String[] {
            "application/json",
            "application/geo+json",
            "application/merge-patch+json",
            "text/plain",
            "application/octet-stream"
        }) {
            assertThatThrownBy(() -> formats.teach(new Hex(new MediaType(own), MediaType.JSON)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(own + " is the host's own");
        }
    }

    @Test
    void theFirstOfTwoWithOneTypeStays() {
        formats.teach(hex);

        Hex second = new Hex(HEX, MediaType.CBOR);
        assertThatThrownBy(() -> formats.teach(second)).hasMessage("text/x-hex is another plugin's already");
        formats.forget(second);

        assertThat(formats.of(HEX, utf8("31")).mediaType()).isEqualTo(MediaType.JSON);
    }

    @Test
    void aModelThatIsNoStructuredFormatIsRefused() {
        assertThatThrownBy(() -> formats.teach(new Hex(HEX, MediaType.TEXT))).hasMessageContaining("to text/plain");
    }
}
