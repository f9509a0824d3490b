package org.millrace.plugin.http.condition;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.DateFormatter;
import java.time.Instant;
import java.util.Date;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HttpDateTest {
    @Test
    void writesTheDateOfTheSpecification() {
        assertThat(HttpDate.format(Instant.parse("1994-11-06T08:49:37.999Z").toEpochMilli()))
                .isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
    }

    @Test
    void writesEveryDateAsNettyDoesAndReadsItBack() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            long millis = random.nextLong(4_000_000_000_000L);
            String date = HttpDate.format(millis);
            assertThat(date).isEqualTo(DateFormatter.format(new Date(millis)));
            assertThat(HttpDate.parse(date)).contains(Instant.ofEpochSecond(millis / 1000));
        }
    }
}
