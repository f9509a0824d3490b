package org.millrace.plugin.mqtt.mapping;

import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.spi.resource.ErrorCode;

/**
 * How one {@link ErrorCode} of the host looks in MQTT. Each packet allows a subset of the reason codes only (MQTT 5
 * section 2.4), hence a column for each.
 *
 * @param connack for CONNACK
 * @param suback for SUBACK
 * @param puback for PUBACK and PUBREC
 * @param connack311 the return code of a 3.1.1 CONNACK (section 3.2.2.3)
 */
public record Refusal(ReasonCode connack, ReasonCode suback, ReasonCode puback, int connack311) {
    private static final int SERVER_UNAVAILABLE = 3;
    private static final int BAD_USER_NAME_OR_PASSWORD = 4;
    private static final int NOT_AUTHORIZED = 5;

    private static final Refusal INVALID = new Refusal(
            ReasonCode.MALFORMED_PACKET,
            ReasonCode.TOPIC_FILTER_INVALID,
            ReasonCode.PAYLOAD_FORMAT_INVALID,
            SERVER_UNAVAILABLE);
    private static final Refusal TOO_LARGE = new Refusal(
            ReasonCode.QUOTA_EXCEEDED, ReasonCode.TOPIC_FILTER_INVALID, ReasonCode.QUOTA_EXCEEDED, SERVER_UNAVAILABLE);
    private static final Refusal UNAUTHENTICATED = new Refusal(
            ReasonCode.BAD_USER_NAME_OR_PASSWORD,
            ReasonCode.NOT_AUTHORIZED,
            ReasonCode.NOT_AUTHORIZED,
            BAD_USER_NAME_OR_PASSWORD);
    private static final Refusal FORBIDDEN = new Refusal(
            ReasonCode.NOT_AUTHORIZED, ReasonCode.NOT_AUTHORIZED, ReasonCode.NOT_AUTHORIZED, NOT_AUTHORIZED);
    private static final Refusal SPECIFIC = all(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
    private static final Refusal BUSY = new Refusal(
            ReasonCode.SERVER_BUSY, ReasonCode.QUOTA_EXCEEDED, ReasonCode.QUOTA_EXCEEDED, SERVER_UNAVAILABLE);
    private static final Refusal QUOTA = all(ReasonCode.QUOTA_EXCEEDED);
    private static final Refusal UNAVAILABLE = new Refusal(
            ReasonCode.SERVER_UNAVAILABLE,
            ReasonCode.UNSPECIFIED_ERROR,
            ReasonCode.UNSPECIFIED_ERROR,
            SERVER_UNAVAILABLE);
    private static final Refusal INTERNAL = all(ReasonCode.UNSPECIFIED_ERROR);

    /**
     * The code for DISCONNECT, which allows fewer (MQTT 5 section 3.14.2.1).
     *
     * @return {@link #connack} or the nearest code allowed
     */
    public ReasonCode disconnect() {
        return switch (connack) {
            case SERVER_UNAVAILABLE -> ReasonCode.SERVER_SHUTTING_DOWN;
            case BAD_USER_NAME_OR_PASSWORD -> ReasonCode.NOT_AUTHORIZED;
            default -> connack;
        };
    }

    private static Refusal all(ReasonCode code) {
        return new Refusal(code, code, code, SERVER_UNAVAILABLE);
    }

    /**
     * Looks an error code up.
     *
     * @param code the host's
     * @return MQTT's
     */
    public static Refusal of(ErrorCode code) {
        return switch (code) {
            case INVALID -> INVALID;
            case TOO_LARGE -> TOO_LARGE;
            case UNAUTHENTICATED -> UNAUTHENTICATED;
            case FORBIDDEN -> FORBIDDEN;
            case UNSUPPORTED, NOT_FOUND, CONFLICT, PRECONDITION_FAILED, EXPIRED_CURSOR -> SPECIFIC;
            case BUSY -> BUSY;
            case QUOTA_EXCEEDED -> QUOTA;
            case UNAVAILABLE -> UNAVAILABLE;
            case INTERNAL -> INTERNAL;
        };
    }
}
