package org.millrace.plugin.http.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.plugin.http.condition.Conditions.Outcome;
import org.millrace.plugin.http.problem.ProblemException;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Version;

/** The order of precedence of RFC 9110 section 13.2.2, case by case. The record is of 1994-11-06 08:49:37.500. */
class ConditionsTest {
    private static final Version VERSION =
            new Version(Instant.parse("1994-11-06T08:49:37.500Z").toEpochMilli() << 16, 0xabc);
    private static final Version OTHER = new Version(1, 2);

    /** In the table, MINE stands for the tag of the record, OLD, SAME and LATER for dates about that of the record. */
    private static HttpHeaders headers(String match, String noneMatch, String modified, String unmodified) {
        HttpHeaders headers = new DefaultHttpHeaders();
        add(headers, "If-Match", match);
        add(headers, "If-None-Match", noneMatch);
        add(headers, "If-Modified-Since", modified);
        add(headers, "If-Unmodified-Since", unmodified);
        return headers;
    }

    private static void add(HttpHeaders headers, String name, String value) {
        if (value != null) {
            headers.add(
                    name,
                    value.replace("MINE", '"' + VERSION.toString() + '"')
                            .replace("OTHER", '"' + OTHER.toString() + '"')
                            .replace("OLD", "Sun, 06 Nov 1994 08:49:36 GMT")
                            .replace("SAME", "Sun, 06 Nov 1994 08:49:37 GMT")
                            .replace("LATER", "Sunday, 06-Nov-94 08:49:38 GMT"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        // If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, outcome
        ", , , , PROCEED",
        // step 1: If-Match
        "MINE, , , , PROCEED",
        "'OTHER, MINE', , , , PROCEED",
        "*, , , , PROCEED",
        "OTHER, , , , FAILED",
        "W/MINE, , , , FAILED",
        "'\"no version\"', , , , FAILED",
        // step 2: If-Unmodified-Since, without If-Match only
        ", , , SAME, PROCEED",
        ", , , LATER, PROCEED",
        ", , , OLD, FAILED",
        ", , , nonsense, PROCEED",
        "MINE, , , OLD, PROCEED",
        "OTHER, , , LATER, FAILED",
        // step 3: If-None-Match
        ", MINE, , , NOT_MODIFIED",
        ", W/MINE, , , NOT_MODIFIED",
        ", *, , , NOT_MODIFIED",
        ", OTHER, , , PROCEED",
        ", 'OTHER,,W/MINE', , , NOT_MODIFIED",
        "MINE, MINE, , , NOT_MODIFIED",
        "OTHER, MINE, , , FAILED",
        ", MINE, , OLD, FAILED",
        // step 4: If-Modified-Since, without If-None-Match only
        ", , SAME, , NOT_MODIFIED",
        ", , LATER, , NOT_MODIFIED",
        ", , OLD, , PROCEED",
        ", , nonsense, , PROCEED",
        ", OTHER, SAME, , PROCEED",
        ", MINE, OLD, , NOT_MODIFIED",
        ", , SAME, OLD, FAILED",
    })
    void readFollowsThePrecedence(String match, String noneMatch, String modified, String unmodified, Outcome outcome) {
        Conditions conditions = Conditions.of(headers(match, noneMatch, modified, unmodified));

        assertThat(conditions.forRead(VERSION, VERSION.toString())).isEqualTo(outcome);
    }

    @Test
    void formatsHaveTagsOfTheirOwn() {
        String cbor = EntityTag.value(VERSION, MediaType.JSON, MediaType.CBOR);
        HttpHeaders headers = new DefaultHttpHeaders().add("If-None-Match", '"' + cbor + '"');

        assertThat(cbor).isEqualTo(VERSION + ".cbor");
        assertThat(Conditions.of(headers).forRead(VERSION, cbor)).isEqualTo(Outcome.NOT_MODIFIED);
        assertThat(Conditions.of(headers).forRead(VERSION, VERSION.toString())).isEqualTo(Outcome.PROCEED);
    }

    @Test
    void tagOfAnyFormatNamesTheVersionForAWrite() {
        HttpHeaders headers = new DefaultHttpHeaders().add("If-Match", '"' + VERSION.toString() + ".cbor\"");

        assertThat(Conditions.of(headers).forWrite(Optional.empty())).isEqualTo(Precondition.at(VERSION));
    }

    @Test
    void writesBecomePreconditionsOfTheWriter() {
        assertThat(precondition(null, null)).isEqualTo(Precondition.NONE);
        assertThat(precondition("*", null)).isEqualTo(Precondition.PRESENT);
        assertThat(precondition(null, "*")).isEqualTo(Precondition.ABSENT);
        assertThat(precondition("MINE, OTHER", null)).isEqualTo(new Precondition.AnyOf(List.of(VERSION, OTHER)));
        assertThat(precondition("W/MINE", null)).isEqualTo(new Precondition.AnyOf(List.of()));
        assertThat(precondition(null, "W/MINE")).isEqualTo(new Precondition.NoneOf(List.of(VERSION)));
        assertThat(precondition("MINE, OTHER", "OTHER")).isEqualTo(Precondition.at(VERSION));
        assertThat(precondition("MINE", "*")).isEqualTo(new Precondition.AnyOf(List.of()));
    }

    private static Precondition precondition(String match, String noneMatch) {
        return Conditions.of(headers(match, noneMatch, "LATER", null)).forWrite(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "\"abc", "\"a\" \"b\"", "", ",", "*, \"a\"", "W/", "w/\"a\""})
    void malformedTagsAreRefused(String text) {
        HttpHeaders headers = new DefaultHttpHeaders().add("If-Match", text);

        assertThatThrownBy(() -> Conditions.of(headers))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().status()).isEqualTo(400));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    void datesAreReadInAllThreeForms(String text) {
        assertThat(HttpDate.parse(text)).contains(Instant.parse("1994-11-06T08:49:37Z"));
    }
}
