package org.millrace.content;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Writes JSON (RFC 8259) with Jackson's streaming generator. */
final class JsonWriter extends ValueWriter {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            // Characters beyond U+FFFF as they are, not as two escapes.
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .streamWriteConstraints(StreamWriteConstraints.builder()
                    // What is written is bounded by what was read, and the result of a patch is checked afterwards.
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .build())
            .build();

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    private final JsonGenerator generator;

    JsonWriter() {
        try {
            generator = FACTORY.createGenerator(bytes, JsonEncoding.UTF8);
        } catch (IOException e) {
            throw unexpected(e);
        }
    }

    /** One call of the generator, whose output is in memory and does not fail. */
    private interface Step {
        void write(JsonGenerator generator) throws IOException;
    }

    private void step(Step step) {
        try {
            step.write(generator);
        } catch (IOException e) {
            throw unexpected(e);
        }
    }

    private static UncheckedIOException unexpected(IOException e) {
        return new UncheckedIOException("writing JSON in memory failed", e);
    }

    @Override
    void nil() {
        step(JsonGenerator::writeNull);
    }

    @Override
    void bool(boolean value) {
        step(g -> g.writeBoolean(value));
    }

    @Override
    void integer(long value) {
        step(g -> g.writeNumber(value));
    }

    @Override
    void bigInteger(BigInteger value) {
        step(g -> g.writeNumber(value));
    }

    @Override
    void float32(float value) {
        float64(value);
    }

    @Override
    void float64(double value) {
        if (Double.isFinite(value)) {
            step(g -> g.writeNumber(value));
        } else {
            nil();
        }
    }

    @Override
    void decimal(BigDecimal value) {
        step(g -> g.writeNumber(value));
    }

    @Override
    void text(String value) {
        step(g -> g.writeString(value));
    }

    @Override
    void binary(byte[] value) {
        text(ValueReader.BASE64URL.encodeToString(value));
    }

    @Override
    void timestamp(Instant value) {
        text(value.toString());
    }

    @Override
    void startArray() {
        step(JsonGenerator::writeStartArray);
    }

    @Override
    void endArray() {
        step(JsonGenerator::writeEndArray);
    }

    @Override
    void startMap() {
        step(JsonGenerator::writeStartObject);
    }

    @Override
    void endMap() {
        step(JsonGenerator::writeEndObject);
    }

    @Override
    void key(String name) {
        step(g -> g.writeFieldName(name));
    }

    @Override
    void key(long name) {
        key(Long.toString(name));
    }

    @Override
    void raw(byte[] json, int from, int to) {
        step(g -> g.writeRawValue(new String(json, from, to - from, StandardCharsets.UTF_8)));
    }

    @Override
    int size() {
        return bytes.size() + generator.getOutputBuffered();
    }

    @Override
    byte[] finish() {
        step(JsonGenerator::close);
        return bytes.toByteArray();
    }
}
