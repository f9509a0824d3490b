package org.millrace.plugin.http.negotiation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;

class AcceptTest {
    private static final List<MediaType> STORED_AS_JSON = List.of(MediaType.JSON, MediaType.CBOR, MediaType.MSGPACK);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                                  | application/json",
                "*/*                                                 | application/json",
                "application/json                                    | application/json",
                "application/cbor                                    | application/cbor",
                "APPLICATION/CBOR                                    | application/cbor",
                "application/x-msgpack                               | application/msgpack",
                "application/vnd.msgpack                             | application/msgpack",
                "text/json                                           | application/json",
                "application/*                                       | application/json",
                "text/html, application/xml;q=0.9, */*;q=0.8         | application/json",
                "application/json;q=0.5, application/cbor            | application/cbor",
                "application/json;q=0.5, application/cbor;q=0.500    | application/json",
                "application/json;q=0, */*                           | application/cbor",
                "*/*;q=0.1, application/cbor;q=0.2                   | application/cbor",
                "*/*, application/json;q=0.3, application/cbor;q=0.4 | application/msgpack",
                "application/*;q=0.9, application/json;q=0.1         | application/cbor",
                "application/cbor;v=1;q=0.7, application/json;q=0.6  | application/cbor",
                "text/html, image/gif, *; q=.2, */*; q=.2            | application/json",
                "nonsense, application/cbor                          | application/cbor",
                "application/cbor;q=nonsense, application/json       | application/json",
                "application/cbor;q=1.5, application/json            | application/json",
                "application/cbor;q=0.001                            | application/cbor",
                "application/cbor; Q=1.000                           | application/cbor",
                ",,application/cbor                                  | application/cbor",
                "text/html                                           | none",
                "text/*                                              | none",
                "*/*;q=0                                             | none",
                "application/jso                                     | none",
                "app/*                                               | none",
                "nonsense                                            | none",
            })
    void mostWantedTypeIsChosen(String accept, String chosen) {
        assertThat(Accept.parse(accept)
                        .choose(STORED_AS_JSON)
                        .map(MediaType::name)
                        .orElse("none"))
                .isEqualTo(chosen);
    }

    @ParameterizedTest
    @CsvSource({
        "a/b.json, a/b, application/json",
        "a/b.cbor, a/b, application/cbor",
        "a/b.c.msgpack, a/b.c, application/msgpack",
        "a.json, a, application/json",
    })
    void suffixNamesAFormat(String path, String bare, String type) {
        assertThat(Suffix.of(Path.of(path))).contains(new Suffix(Path.of(bare), new MediaType(type)));
    }

    @ParameterizedTest
    @CsvSource({"a/b", "a/b.txt", "a/.json", ".json", "a.json/b", "a/b.JSON"})
    void otherEndingsAreNoSuffix(String path) {
        assertThat(Suffix.of(Path.of(path))).isEmpty();
    }
}
