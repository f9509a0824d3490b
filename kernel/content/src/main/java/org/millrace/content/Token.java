package org.millrace.content;

/** What a {@link ValueReader} stands on: the union of what JSON, CBOR and MessagePack can say. */
enum Token {
    /** Null, or one of CBOR's undefined and unassigned simple values. */
    NULL,
    TRUE,
    FALSE,
    /** An integer of the {@code long} range. */
    INTEGER,
    /** An integer beyond the {@code long} range. */
    BIG_INTEGER,
    /** A float that {@code float} holds exactly; also CBOR's half-precision ones. */
    FLOAT32,
    FLOAT64,
    /** A CBOR decimal fraction, or a JSON number beyond the {@code double} range. */
    DECIMAL,
    TEXT,
    BINARY,
    /** A MessagePack timestamp that RFC 3339 can say. */
    TIMESTAMP,
    /** A MessagePack extension of any other type. */
    EXTENSION,
    ARRAY_START,
    ARRAY_END,
    MAP_START,
    MAP_END,
    /** A member's name: text, or a scalar in its textual form. */
    KEY,
    /** A member's name that is an integer of the {@code long} range. */
    INTEGER_KEY,
    /** Behind the one value. */
    END
}
