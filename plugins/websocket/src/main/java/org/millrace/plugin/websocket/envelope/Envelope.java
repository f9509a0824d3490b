package org.millrace.plugin.websocket.envelope;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * A message that was read, or a map inside one. All methods refuse with {@link ErrorCode#INVALID}, naming the field, what
 * is not of the type they give. A field that is null counts as absent, but for {@link #VALUE}.
 */
public final class Envelope {
    /** The field that holds a record or an event, which is nobody's business here. */
    public static final String VALUE = "value";

    private static final int LONGEST_ID = 128;

    private final EnvelopeReader reader;
    private final Map<String, Slot> fields;
    private final boolean faithful;

    /**
     * A message.
     *
     * @param faithful whether the fields are what was sent, rather than sent with halves of surrogate pairs
     */
    Envelope(EnvelopeReader reader, Map<String, Slot> fields, boolean faithful) {
        this.reader = reader;
        this.fields = fields;
        this.faithful = faithful;
    }

    /** Refuses a message of which only {@link #id} can be trusted. */
    public void check() {
        if (!faithful) {
            throw halved("a name in the message");
        }
    }

    private @Nullable Slot slot(String name) {
        Slot slot = fields.get(name);
        return slot == null || slot.absent() && !name.equals(VALUE) ? null : slot;
    }

    /** The names of the fields that are there. */
    public Set<String> names() {
        Set<String> names = new java.util.LinkedHashSet<>(fields.keySet());
        names.removeIf(name -> slot(name) == null);
        return names;
    }

    /** Whether a field is there. */
    public boolean has(String name) {
        return slot(name) != null;
    }

    /** A text. */
    public Optional<String> text(String name) {
        Slot slot = slot(name);
        if (slot == null) {
            return Optional.empty();
        }
        if (slot.scalar() instanceof String text) {
            return Optional.of(whole(name, text));
        }
        throw wrong(name, "a text");
    }

    /** A text that must be there. */
    public String needText(String name) {
        return text(name).orElseThrow(() -> missing(name));
    }

    /** A whole number. */
    public OptionalLong integer(String name) {
        Slot slot = slot(name);
        if (slot == null) {
            return OptionalLong.empty();
        }
        if (slot.scalar() instanceof Long number) {
            return OptionalLong.of(number);
        }
        throw wrong(name, "a whole number");
    }

    /** A whole number greater than 0. */
    public OptionalLong positive(String name) {
        OptionalLong number = integer(name);
        if (number.isPresent() && number.getAsLong() < 1) {
            throw new ResourceException(
                    ErrorCode.INVALID, "field '" + name + "' is " + number.getAsLong() + "; it must be at least 1");
        }
        return number;
    }

    /** A number or text that names a request: a {@code Long} or a {@code String}. */
    public Optional<Object> id(String name) {
        Slot slot = slot(name);
        if (slot == null) {
            return Optional.empty();
        }
        if (slot.scalar() instanceof Long number) {
            return Optional.of(number);
        }
        if (slot.scalar() instanceof String text && text.length() <= LONGEST_ID) {
            return Optional.of(whole(name, text));
        }
        throw wrong(name, "a whole number, or a text of at most " + LONGEST_ID + " characters");
    }

    /** A text, or a list of texts. */
    public List<String> texts(String name) {
        Slot slot = slot(name);
        if (slot == null) {
            return List.of();
        }
        if (slot.scalar() instanceof String one) {
            return List.of(whole(name, one));
        }
        if (slot.scalar() != null) {
            throw wrong(name, "a text or a list of texts");
        }
        List<String> texts = new ArrayList<>();
        for (Slot element : reader.list(slot.copy())) {
            if (!(element.scalar() instanceof String text)) {
                throw wrong(name, "a text or a list of texts");
            }
            texts.add(whole(name, text));
        }
        return texts;
    }

    /** A list of maps. */
    public List<Envelope> envelopes(String name) {
        Slot slot = slot(name);
        if (slot == null) {
            throw missing(name);
        }
        List<Envelope> maps = new ArrayList<>();
        for (Slot element : reader.list(slot.copy())) {
            maps.add(new Envelope(reader, reader.map(element.copy()), true));
        }
        return maps;
    }

    /** A map from texts to texts. */
    public Map<String, String> textMap(String name) {
        Slot slot = slot(name);
        if (slot == null) {
            return Map.of();
        }
        Map<String, String> map = new LinkedHashMap<>();
        reader.map(slot.copy()).forEach((key, element) -> {
            if (!(element.scalar() instanceof String text)) {
                throw wrong(name, "a map from texts to texts");
            }
            map.put(whole(name, key), whole(name, text));
        });
        return map;
    }

    /** Bytes, in JSON as Base64. */
    public byte[] bytes(String name) {
        Slot slot = slot(name);
        if (slot == null) {
            throw missing(name);
        }
        if (slot.scalar() instanceof byte[] bytes) {
            return bytes;
        }
        if (slot.scalar() instanceof String text && reader == WireFormat.JSON.reader()) {
            try {
                return Base64.getDecoder().decode(text);
            } catch (IllegalArgumentException e) {
                throw wrong(name, "Base64");
            }
        }
        throw wrong(name, reader == WireFormat.JSON.reader() ? "Base64" : "a byte string");
    }

    /** The bytes of {@link #VALUE} as they were sent, in the message's format; the caller's own. */
    public byte[] value() {
        Slot slot = slot(VALUE);
        if (slot == null) {
            throw missing(VALUE);
        }
        return slot.copy();
    }

    private static String whole(String name, String text) {
        if (HalfSurrogates.in(text)) {
            throw halved("field '" + name + "'");
        }
        return text;
    }

    private static ResourceException halved(String what) {
        return new ResourceException(ErrorCode.INVALID, what + " holds half a surrogate pair, which is no character");
    }

    private static ResourceException missing(String name) {
        return new ResourceException(ErrorCode.INVALID, "field '" + name + "' is missing");
    }

    private static ResourceException wrong(String name, String expected) {
        return new ResourceException(ErrorCode.INVALID, "field '" + name + "' must be " + expected);
    }
}
