package org.millrace.content;

import com.fasterxml.jackson.core.JsonFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.ContentFormat;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Makes every content of the host: checks what clients send, takes what the host stored, applies patches.
 *
 * <p>Safe for use by any thread; never blocks. Byte arrays given to it belong to the content from then on.
 */
public final class ContentFormats implements Contents {
    private final ContentLimits limits;
    private final JsonFactory json;
    private final OfferedFormats offered = new OfferedFormats();

    /**
     * Makes the factory.
     *
     * @param limits what is accepted; stored contents beyond them can still be read
     */
    public ContentFormats(ContentLimits limits) {
        this.limits = limits;
        this.json = JsonReader.factory(limits.maxDepth());
    }

    /**
     * Takes a format that a plugin teaches, from now on.
     *
     * @param format the format
     * @throws IllegalArgumentException if its media type is the host's own or was taught before, or its model is none;
     *     the message says which
     */
    public void teach(ContentFormat format) {
        offered.add(format);
    }

    /**
     * Lets go of a format. What came in it stays as it was stored.
     *
     * @param format as taught; nothing happens if it was not taken
     */
    public void forget(ContentFormat format) {
        offered.remove(format);
    }

    @Override
    public Content of(MediaType declared, byte[] bytes) {
        checkSize(bytes.length);
        StructuredFormat format = StructuredFormat.of(declared);
        if (format == null) {
            ContentFormat taught = offered.of(declared);
            return taught == null ? new OpaqueContent(declared, bytes) : decoded(taught, bytes);
        }
        check(format, bytes);
        return new StructuredContent(declared, format, bytes, offered);
    }

    private Content decoded(ContentFormat taught, byte[] bytes) {
        byte[] model = OfferedFormats.decode(taught, bytes);
        try {
            return of(taught.model(), model);
        } catch (ResourceException broken) {
            if (broken.code() != ErrorCode.INVALID) {
                throw broken;
            }
            throw new ResourceException(
                    ErrorCode.INTERNAL,
                    "the plugin that reads " + taught.mediaType() + " made malformed " + taught.model() + " of it",
                    broken);
        }
    }

    @Override
    public Content detect(byte[] bytes) {
        checkSize(bytes.length);
        return isJson(bytes)
                ? new StructuredContent(MediaType.JSON, StructuredFormat.JSON, bytes, offered)
                : new OpaqueContent(MediaType.OCTET_STREAM, bytes);
    }

    @Override
    public List<MediaType> formats() {
        return offered.all();
    }

    @Override
    public int maxSize() {
        return limits.maxSize();
    }

    /**
     * A content that was checked when it came in: bytes read back from the journal or the store. Neither its form nor
     * its size is looked at.
     *
     * @param type the media type it had
     * @param bytes belong to the content from now on; nobody may alter them
     * @return the content
     */
    public Content trusted(MediaType type, byte[] bytes) {
        StructuredFormat format = StructuredFormat.of(type);
        return format == null ? new OpaqueContent(type, bytes) : new StructuredContent(type, format, bytes, offered);
    }

    /**
     * A content the host makes itself.
     *
     * @param type a structured media type
     * @param value what to write; a {@link Value.Missing} member is left away
     * @return the content
     * @throws ResourceException {@link ErrorCode#UNSUPPORTED} if the type is not structured, {@link ErrorCode#TOO_LARGE}
     *     beyond the configured size
     */
    public Content write(MediaType type, Value value) {
        StructuredFormat format = StructuredFormat.of(type);
        if (format == null) {
            throw new ResourceException(ErrorCode.UNSUPPORTED, type + " is no structured media type to write");
        }
        ValueWriter out = format.writer();
        out.value(value);
        byte[] bytes = out.finish();
        checkSize(bytes.length);
        return new StructuredContent(type, format, bytes, offered);
    }

    /**
     * Applies a patch: by RFC 6902 if it is {@link MediaType#JSON_PATCH}, by RFC 7396 if it is structured otherwise.
     * What the patch does not touch stays byte for byte as it is.
     *
     * @param base what to patch; null if there is nothing yet
     * @param patch the changes
     * @return the patched content, of the base's media type; without a base, of the patch's own
     *     ({@link MediaType#JSON} for the two patch types)
     * @throws ResourceException {@link ErrorCode#CONFLICT} if the patch does not apply to this base (a failing
     *     {@code test}, a path that is not there, an opaque base); {@link ErrorCode#INVALID} if it applies to none;
     *     {@link ErrorCode#UNSUPPORTED} if its type is no patch; {@link ErrorCode#TOO_LARGE} if the result, or the work
     *     to get there, is beyond the limits
     */
    public Content merge(@Nullable Content base, Content patch) {
        StructuredContent changes = StructuredContent.from(patch);
        if (changes == null) {
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED,
                    "a patch of type " + patch.mediaType() + " cannot be applied; send " + MediaType.MERGE_PATCH + ", "
                            + MediaType.JSON_PATCH + " or another structured type");
        }
        StructuredContent before = base == null ? null : StructuredContent.from(base);
        if (base != null && before == null) {
            throw new ResourceException(
                    ErrorCode.CONFLICT,
                    "the content to patch is " + base.mediaType()
                            + ", which is opaque; put a whole content instead of a patch");
        }
        boolean isPatchType = patch.mediaType().equals(MediaType.JSON_PATCH)
                || patch.mediaType().equals(MediaType.MERGE_PATCH);
        MediaType type = base != null ? base.mediaType() : isPatchType ? MediaType.JSON : patch.mediaType();
        StructuredFormat format = before != null ? before.format() : changes.format();

        PatchTree tree = new PatchTree(format, before == null ? null : Slice.of(before), limits.maxSize());
        if (patch.mediaType().equals(MediaType.JSON_PATCH)) {
            JsonPatch.of(changes).apply(tree);
        } else {
            tree.merge(Slice.of(changes));
        }
        // Checked like anything that comes in: a patch can nest deeper than both its base and itself.
        return of(type, tree.write());
    }

    /**
     * Puts fields of other contents into a base. Objects on the way to them are made where there are none, and have
     * their members in the order of their names afterwards: the same parts give the same bytes, in whatever order they
     * came together. The size is not looked at, for all of it was accepted before.
     *
     * @param base what to begin with; null, or an opaque one, for nothing
     * @param type the structured type that the result is to have
     * @param placements what is to be where, in this order
     * @param pointers all fields whose objects are to be in order, those placed among them
     * @return the content
     */
    public Content assemble(
            @Nullable Content base, MediaType type, List<FieldPlacement> placements, List<String> pointers) {
        FieldAssembly assembly = new FieldAssembly(base, type);
        placements.forEach(assembly::place);
        assembly.order(pointers);
        return trusted(type, assembly.write());
    }

    private boolean isJson(byte[] bytes) {
        if (!JsonText.mayBeJson(bytes)) {
            return false;
        }
        try {
            check(StructuredFormat.JSON, bytes);
            return true;
        } catch (ResourceException notJson) {
            return false;
        }
    }

    private void check(StructuredFormat format, byte[] bytes) {
        switch (format) {
            case JSON -> JsonReader.check(json, bytes);
            case CBOR -> check(new CborReader(bytes, 0, bytes.length, limits.maxDepth()));
            case MESSAGE_PACK -> check(new MessagePackReader(bytes, 0, bytes.length, limits.maxDepth()));
        }
    }

    private static void check(BinaryReader reader) {
        Token token = reader.next();
        while (token != Token.END) {
            token = reader.next();
        }
    }

    private void checkSize(int size) {
        if (size > limits.maxSize()) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "the content has " + size + " bytes; at most " + limits.maxSize() + " are allowed");
        }
    }
}
