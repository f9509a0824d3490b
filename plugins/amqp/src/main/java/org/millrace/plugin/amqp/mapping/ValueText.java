package org.millrace.plugin.amqp.mapping;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Decimal128;
import org.apache.qpid.proton.amqp.Decimal32;
import org.apache.qpid.proton.amqp.Decimal64;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.Symbol;
import org.jspecify.annotations.Nullable;

/**
 * AMQP values as readers of other protocols see them: JSON for bodies, plain text for properties. What JSON cannot say
 * becomes text: binaries as base64url, timestamps as RFC 3339, symbols, characters and UUIDs as they are written.
 */
final class ValueText {
    private ValueText() {}

    /** A value as JSON. */
    static byte[] json(@Nullable Object value) {
        StringBuilder out = new StringBuilder(64);
        json(out, value);
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A simple value as text; null for what is none. */
    static @Nullable String simple(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String s -> s;
            case Boolean b -> b.toString();
            case Number n -> number(n);
            case Character c -> c.toString();
            case Symbol s -> s.toString();
            case UUID u -> u.toString();
            case Date d -> d.toInstant().toString();
            default -> null;
        };
    }

    /** Decimals by their bits, for their digits need a library of their own; AMQP receivers get them as they came. */
    private static String number(Number n) {
        return switch (n) {
            case Decimal32 d -> "decimal32:" + Integer.toHexString(d.getBits());
            case Decimal64 d -> "decimal64:" + Long.toHexString(d.getBits());
            case Decimal128 d -> "decimal128:" + java.util.HexFormat.of().formatHex(d.asBytes());
            default -> n.toString();
        };
    }

    private static void json(StringBuilder out, @Nullable Object value) {
        switch (value) {
            case null -> out.append("null");
            case Boolean b -> out.append(b);
            case Float f -> finite(out, f, f.toString());
            case Double d -> finite(out, d, d.toString());
            case Number n -> number(out, number(n));
            case Binary b ->
                JsonText.append(
                        out,
                        Base64.getUrlEncoder()
                                .withoutPadding()
                                .encodeToString(java.util.Arrays.copyOfRange(
                                        b.getArray(), b.getArrayOffset(), b.getArrayOffset() + b.getLength())));
            case Map<?, ?> map -> object(out, map);
            case List<?> list -> array(out, list.toArray());
            case Object[] array -> array(out, array);
            case DescribedType described -> json(out, described.getDescribed());
            default -> {
                String text = simple(value);
                if (text != null) {
                    JsonText.append(out, text);
                } else if (value.getClass().isArray()) {
                    array(out, boxed(value));
                } else {
                    JsonText.append(out, value.toString());
                }
            }
        }
    }

    private static Object[] boxed(Object array) {
        Object[] boxed = new Object[java.lang.reflect.Array.getLength(array)];
        for (int i = 0; i < boxed.length; i++) {
            boxed[i] = java.lang.reflect.Array.get(array, i);
        }
        return boxed;
    }

    private static void finite(StringBuilder out, double value, String text) {
        out.append(Double.isFinite(value) ? text : "null");
    }

    private static void number(StringBuilder out, String text) {
        boolean plain = text.chars().allMatch(c -> (c >= '0' && c <= '9') || "+-.Ee".indexOf(c) >= 0);
        if (plain) {
            out.append(text);
        } else {
            JsonText.append(out, text);
        }
    }

    private static void object(StringBuilder out, Map<?, ?> map) {
        out.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator);
            String key = simple(entry.getKey());
            JsonText.append(out, key != null ? key : String.valueOf(entry.getKey()));
            out.append(':');
            json(out, entry.getValue());
            separator = ",";
        }
        out.append('}');
    }

    private static void array(StringBuilder out, Object[] items) {
        out.append('[');
        for (int i = 0; i < items.length; i++) {
            if (i > 0) {
                out.append(',');
            }
            json(out, items[i]);
        }
        out.append(']');
    }
}
