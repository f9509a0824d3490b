package org.millrace.content;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Reads JSON (RFC 8259) with Jackson's streaming parser. */
final class JsonReader extends ValueReader {
    private static final JsonFactory STORED = factory(ContentLimits.STORED_DEPTH);
    // Room for sign, point and exponent beside the digits.
    private static final int MAX_NUMBER_LENGTH = ContentLimits.MAX_DIGITS + 24;

    private final JsonParser parser;
    private final int from;
    private BigDecimal decimal = BigDecimal.ZERO;
    private double real;

    private JsonReader(JsonParser parser, int from) {
        this.parser = parser;
        this.from = from;
    }

    /** A reader of bytes that were checked when they came in. */
    static JsonReader of(byte[] bytes, int from, int to) {
        try {
            return new JsonReader(STORED.createParser(bytes, from, to - from), from);
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    /** A parser factory; reused, as it keeps the names it has seen. */
    static JsonFactory factory(int maxDepth) {
        return JsonFactory.builder()
                // Names come from clients: the JVM's table of interned strings is not for them.
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(maxDepth)
                        .maxNumberLength(MAX_NUMBER_LENGTH)
                        .maxNameLength(Integer.MAX_VALUE)
                        .maxStringLength(Integer.MAX_VALUE)
                        .build())
                .build();
    }

    /** Refuses bytes that are not exactly one JSON value. Skims; decodes neither text nor numbers. */
    static void check(JsonFactory factory, byte[] bytes) {
        JsonText.check(bytes);
        try (JsonParser parser = factory.createParser(bytes)) {
            if (parser.nextToken() == null) {
                throw new ResourceException(ErrorCode.INVALID, "malformed JSON: there is no value");
            }
            parser.skipChildren();
            if (parser.nextToken() != null) {
                throw new ResourceException(
                        ErrorCode.INVALID,
                        "malformed JSON " + place(parser.currentTokenLocation())
                                + ": something follows the value; a content is exactly one");
            }
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    static ResourceException refusal(IOException failure) {
        if (!(failure instanceof JsonProcessingException json)) {
            throw new UncheckedIOException("reading bytes in memory failed", failure);
        }
        JsonLocation location = json.getLocation();
        String place = location == null ? "" : " " + place(location);
        ErrorCode code = json instanceof StreamConstraintsException ? ErrorCode.TOO_LARGE : ErrorCode.INVALID;
        return new ResourceException(
                code,
                (code == ErrorCode.INVALID ? "malformed JSON" : "JSON beyond a limit") + place + ": "
                        + reason(json.getOriginalMessage()));
    }

    private static String place(JsonLocation location) {
        return "at byte " + location.getByteOffset() + " (line " + location.getLineNr() + ", column "
                + location.getColumnNr() + ")";
    }

    // The parser's messages go on about where an object began and which Java feature would be more lenient.
    private static String reason(String message) {
        int end = message.indexOf(" (for ");
        int feature = message.indexOf(": enable `");
        if (feature >= 0) {
            return message.substring(0, feature);
        }
        int setting = message.indexOf(", from `");
        return end >= 0 ? message.substring(0, end) : setting >= 0 ? message.substring(0, setting) + ")" : message;
    }

    @Override
    Token next() {
        try {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return Token.END;
            }
            return switch (token) {
                case START_OBJECT -> Token.MAP_START;
                case END_OBJECT -> Token.MAP_END;
                case START_ARRAY -> Token.ARRAY_START;
                case END_ARRAY -> Token.ARRAY_END;
                case FIELD_NAME -> Token.KEY;
                case VALUE_STRING -> Token.TEXT;
                case VALUE_TRUE -> Token.TRUE;
                case VALUE_FALSE -> Token.FALSE;
                case VALUE_NULL -> Token.NULL;
                case VALUE_NUMBER_INT ->
                    parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? Token.BIG_INTEGER : Token.INTEGER;
                case VALUE_NUMBER_FLOAT -> fraction();
                case VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> throw new IllegalStateException("JSON has no " + token);
            };
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    /** A double as RFC 8949 section 6.2 has it, unless it would become infinite, or zero without being it. */
    private Token fraction() throws IOException {
        String text = parser.getText();
        real = Double.parseDouble(text);
        if (!Double.isInfinite(real) && (real != 0 || isZero(text))) {
            return Token.FLOAT64;
        }
        try {
            decimal = new BigDecimal(text);
        } catch (NumberFormatException beyondIntExponent) {
            return Token.TEXT;
        }
        return Math.abs((long) decimal.scale()) > CborReader.MAX_DECIMAL_EXPONENT ? Token.TEXT : Token.DECIMAL;
    }

    private static boolean isZero(String number) {
        for (int i = 0; i < number.length(); i++) {
            char c = number.charAt(i);
            if (c == 'e' || c == 'E') {
                return true;
            }
            if (c >= '1' && c <= '9') {
                return false;
            }
        }
        return true;
    }

    @Override
    String text() {
        try {
            return parser.getText();
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    @Override
    long integer() {
        try {
            return parser.getLongValue();
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    @Override
    BigInteger bigInteger() {
        try {
            return parser.getBigIntegerValue();
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    @Override
    double real() {
        return real;
    }

    @Override
    BigDecimal decimal() {
        return decimal;
    }

    @Override
    byte[] binary() {
        throw new IllegalStateException("JSON has no binary values");
    }

    @Override
    int extensionType() {
        throw new IllegalStateException("JSON has no extensions");
    }

    @Override
    Instant timestamp() {
        throw new IllegalStateException("JSON has no timestamps");
    }

    @Override
    void skipChildren() {
        try {
            parser.skipChildren();
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    @Override
    int start() {
        return from + (int) parser.currentTokenLocation().getByteOffset();
    }

    @Override
    int end() {
        try {
            // A string is read lazily; only then is its end known.
            parser.finishToken();
            return from + (int) parser.currentLocation().getByteOffset();
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException e) {
            throw refusal(e);
        }
    }
}
