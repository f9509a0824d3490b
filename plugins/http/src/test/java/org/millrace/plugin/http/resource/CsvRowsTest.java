package org.millrace.plugin.http.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Version;
import org.millrace.testkit.InMemoryHost;

class CsvRowsTest {
    private final InMemoryHost host = InMemoryHost.create();

    @AfterEach
    void close() throws Exception {
        host.close();
    }

    private Row row(String id, Version version, String json) {
        return new Row(
                Path.of("t", id), version, host.contents().of(MediaType.JSON, json.getBytes(StandardCharsets.UTF_8)));
    }

    private String csv(String query, Version version, String... contents) {
        CsvRows rows = new CsvRows(query);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < contents.length; i++) {
            text.append(text(rows.row(row("r" + i, version, contents[i]), i == 0)));
        }
        return text.append(text(rows.end(contents.length == 0))).toString();
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "select(b,a); id,b,a",
                "n=gt=1&select(a,b)&sort(a); id,a,b",
                "select($id,a); id,a",
                "select(a.x,a.y,b); id,a,b",
            })
    void selectNamesTheColumnsWhateverTheRowsHave(String query, String header) {
        assertThat(csv(query, Version.parse("1-1"), "{\"c\":1}", "{\"a\":1,\"b\":2}"))
                .startsWith(header + "\r\n");
        assertThat(csv(query, Version.parse("1-1"))).isEqualTo(header + "\r\n");
    }

    @Test
    void anAttributeCalledIdIsToldFromTheRecordsId() {
        assertThat(csv("select(id,a)", Version.parse("1-1"), "{\"id\":7,\"a\":1}", "{\"a\":2}"))
                .isEqualTo("$id,id,a\r\nr0,7,1\r\nr1,,2\r\n");
        assertThat(csv("", Version.parse("1-1"), "{\"a\":1,\"id\":7}")).isEqualTo("$id,a,id\r\nr0,1,7\r\n");
        assertThat(csv("select($id,id)", Version.parse("1-1"), "{\"id\":7}")).isEqualTo("$id,id\r\nr0,7\r\n");
    }

    @Test
    void selectThatComputesIsToldByItsRows() {
        assertThat(csv("select(count())", Version.NONE, "{\"count()\":3}")).isEqualTo("count()\r\n3\r\n");
    }

    @Test
    void contentsThatAreNoObjectsHaveAColumnOfTheirOwn() {
        assertThat(csv("", Version.parse("1-1"), "7", "{\"a\":1}", "\"x,y\""))
                .isEqualTo("id,value,a\r\nr0,7,\r\nr1,,1\r\nr2,\"x,y\",\r\n");
    }
}
