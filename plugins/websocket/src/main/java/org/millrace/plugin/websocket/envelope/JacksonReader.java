package org.millrace.plugin.websocket.envelope;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** JSON and CBOR, by Jackson's streaming parsers, which tell where in the bytes each value is. */
final class JacksonReader implements EnvelopeReader {
    private final JsonFactory factory;
    private final String format;

    JacksonReader(JsonFactory factory, String format) {
        this.factory = factory;
        this.format = format;
    }

    @Override
    public Map<String, Slot> map(byte[] bytes) {
        try (JsonParser parser = factory.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw EnvelopeReader.malformed("it must be a map in " + format);
            }
            Map<String, Slot> fields = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (fields.put(name, slot(parser, bytes, !name.equals(Envelope.VALUE))) != null) {
                    throw EnvelopeReader.malformed("a field comes twice");
                }
                checkCount(fields.size());
            }
            checkEnd(parser);
            return fields;
        } catch (JsonProcessingException e) {
            throw refusal(e);
        } catch (IOException e) {
            throw EnvelopeReader.malformed(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public List<Slot> list(byte[] bytes) {
        try (JsonParser parser = factory.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw EnvelopeReader.malformed("a list is expected");
            }
            List<Slot> elements = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                elements.add(slot(parser, bytes, true));
                checkCount(elements.size());
            }
            checkEnd(parser);
            return elements;
        } catch (JsonProcessingException e) {
            throw refusal(e);
        } catch (IOException e) {
            throw EnvelopeReader.malformed(String.valueOf(e.getMessage()));
        }
    }

    /** The parser's messages go on about where an object began and which Java feature would be more lenient. */
    private static ResourceException refusal(JsonProcessingException failure) {
        String message = String.valueOf(failure.getOriginalMessage());
        for (String tail : new String[] {" (start token", ", from `", ": enable `"}) {
            int end = message.indexOf(tail);
            if (end >= 0) {
                message = message.substring(0, end) + (tail.startsWith(",") ? ")" : "");
            }
        }
        return failure instanceof StreamConstraintsException
                ? new ResourceException(ErrorCode.TOO_LARGE, "the message is beyond a limit: " + message)
                : EnvelopeReader.malformed(message);
    }

    private static void checkCount(int count) {
        if (count > MOST) {
            throw EnvelopeReader.malformed("it has more than " + MOST + " fields or elements");
        }
    }

    private static void checkEnd(JsonParser parser) throws IOException {
        if (parser.nextToken() != null) {
            throw EnvelopeReader.malformed("something follows its end");
        }
    }

    /** The value the parser is at; afterwards it is at its end. */
    private static Slot slot(JsonParser parser, byte[] bytes, boolean own) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw EnvelopeReader.malformed("it ends too early");
        }
        int from = (int) parser.currentTokenLocation().getByteOffset();
        Object scalar = own ? scalar(parser, token) : null;
        if (token.isStructStart()) {
            parser.skipChildren();
            if (parser.currentToken() == null || !parser.currentToken().isStructEnd()) {
                throw EnvelopeReader.malformed("it ends too early");
            }
        } else {
            parser.finishToken();
        }
        int to = (int) parser.currentLocation().getByteOffset();
        return new Slot(bytes, from, to, scalar, token == JsonToken.VALUE_NULL);
    }

    private static @Nullable Object scalar(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT ->
                parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? null : (Object) parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> whole(parser.getDoubleValue());
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_EMBEDDED_OBJECT -> parser.getBinaryValue();
            case VALUE_NULL, NOT_AVAILABLE, START_OBJECT, END_OBJECT, START_ARRAY, END_ARRAY, FIELD_NAME -> null;
        };
    }

    /** Some encoders write every larger number as a floating one. */
    static @Nullable Object whole(double number) {
        return number == Math.rint(number) && Math.abs(number) <= 1L << 53 ? (Object) (long) number : null;
    }
}
