package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.distribution.Http.JSON;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions over HTTP, from the outside. */
class QueryIT {
    @TempDir
    static Path folder;

    private static MillraceProcess host;

    @BeforeAll
    static void startHost() {
        host = MillraceProcess.start(folder.resolve("data"));
        Http.put(host, "/rooms/a", JSON, "{\"temp\":20,\"site\":\"hall\",\"note\":\"a&b\"}");
        Http.put(host, "/rooms/b", JSON, "{\"temp\":31.5,\"site\":\"yard\"}");
        Http.put(host, "/rooms/c", JSON, "{\"temp\":30,\"site\":\"hall\"}");
        Http.put(host, "/rooms/d", "image/png", "no attributes");
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.stop()).isZero();
    }

    private static String rows(String query) {
        HttpResponse<byte[]> answer = Http.get(host, "/rooms/?" + query, "Accept", "application/x-ndjson");
        assertThat(answer.statusCode()).as(Http.text(answer)).isEqualTo(200);
        return Http.text(answer).replaceAll("\"etag\":\"[^\"]*\",", "");
    }

    @Test
    void conditionsSelectAndSortShapeTheAnswer() {
        assertThat(rows("temp=gt=25&site=ne=cellar&select(temp)&sort(-temp)"))
                .isEqualTo("{\"id\":\"b\",\"value\":{\"temp\":31.5}}\n{\"id\":\"c\",\"value\":{\"temp\":30}}\n");
    }

    @Test
    void charactersOfTheGrammarAreTakenLiterallyWhenEscaped() {
        assertThat(rows("note=a%26b&select($id)")).isEqualTo("{\"id\":\"a\",\"value\":{\"$id\":\"a\"}}\n");
    }

    @Test
    void aggregatesHaveAValueAlone() {
        assertThat(rows("group(site)&select(count(),max(temp))&site=ne=yard&temp=gt=0"))
                .isEqualTo("{\"value\":{\"site\":\"hall\",\"count()\":2,\"max(temp)\":30}}\n");
    }

    @Test
    void malformedQueryIsAProblemThatNamesThePosition() {
        HttpResponse<byte[]> refused = Http.get(host, "/rooms/?temp=xx=1");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(Http.text(refused)).contains("position 4").contains("'=xx='");
    }
}
