package org.millrace.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.WriteOptions;

class QueryEngineTest {
    private static final ContentFormats FORMATS = new ContentFormats(new ContentLimits(1 << 20, 64));
    private static final QueryLimits FEW = new QueryLimits(100, 1 << 20, 100, 100, 100, 100, 10, 1 << 20);

    private final TreeMap<Path, Entry> records = new TreeMap<>();
    private Predicate<Path> visible = path -> true;

    private void put(String id, String json) {
        put(id, FORMATS.of(MediaType.JSON, json.getBytes(StandardCharsets.UTF_8)));
    }

    private void put(String id, Content content) {
        Path path = Path.of("t", id);
        records.put(
                path,
                new Entry(path, content, new Version(1, 1), Properties.NONE, WriteOptions.NEVER, Qos.AT_MOST_ONCE));
    }

    private List<String> run(String query) {
        RecordSource source = (after, maxRows) -> (after == null ? records : records.tailMap(after, false))
                .values().stream().limit(maxRows).toList();
        QueryExecution execution =
                new QueryEngine(FORMATS, FEW).start("t", QueryParser.parse(query), source, null, visible);
        List<String> rows = new ArrayList<>();
        while (true) {
            RowSlice slice = execution.next(7);
            for (Row row : slice.rows()) {
                rows.add(new String(row.content().as(MediaType.JSON).toByteArray(), StandardCharsets.UTF_8));
            }
            if (slice.isLast()) {
                return rows;
            }
        }
    }

    private void threeRooms() {
        put("a", "{\"temp\":20,\"site\":\"hall\",\"at\":{\"x\":1,\"y\":2}}");
        put("b", "{\"temp\":31.5,\"site\":\"yard\"}");
        put("c", "{\"temp\":30,\"site\":\"hall\",\"at\":{\"x\":3}}");
    }

    @Test
    void recordsThatMatchKeepTheirContent() {
        threeRooms();
        assertThat(run("temp=gt=25&site=hall")).containsExactly("{\"temp\":30,\"site\":\"hall\",\"at\":{\"x\":3}}");
    }

    @Test
    void selectedAttributesStayWhereTheyAreInTheRecord() {
        threeRooms();
        assertThat(run("select($id,at.x,site)"))
                .containsExactly(
                        "{\"$id\":\"a\",\"at\":{\"x\":1},\"site\":\"hall\"}",
                        "{\"$id\":\"b\",\"site\":\"yard\"}",
                        "{\"$id\":\"c\",\"at\":{\"x\":3},\"site\":\"hall\"}");
        assertThat(run("$id=a&select(at.y,at,at.x)")).containsExactly("{\"at\":{\"x\":1,\"y\":2}}");
    }

    @Test
    void rowsAreSortedAndPaged() {
        threeRooms();
        assertThat(run("sort(-temp)&select($id)"))
                .containsExactly("{\"$id\":\"b\"}", "{\"$id\":\"c\"}", "{\"$id\":\"a\"}");
        assertThat(run("sort(site,-temp)&select($id)&limit(1,3)"))
                .containsExactly("{\"$id\":\"a\"}", "{\"$id\":\"b\"}");
        assertThat(run("sort(temp)&limit(0)")).isEmpty();
    }

    @Test
    void aggregatesAreComputedForAllAndForEachGroup() {
        threeRooms();
        assertThat(run("select(count(),sum(temp),avg(temp),min(temp),max(site))"))
                .containsExactly("{\"count()\":3,\"sum(temp)\":81.5,\"avg(temp)\":27.166666666666668,"
                        + "\"min(temp)\":20,\"max(site)\":\"yard\"}");
        assertThat(run("group(site)&count()"))
                .containsExactly("{\"site\":\"hall\",\"count()\":2}", "{\"site\":\"yard\",\"count()\":1}");
        assertThat(run("group(site)&sort(-site)&limit(1)")).containsExactly("{\"site\":\"yard\"}");
        assertThat(run("temp=gt=99&select(count(),sum(temp),avg(temp))"))
                .containsExactly("{\"count()\":0,\"sum(temp)\":0,\"avg(temp)\":null}");
    }

    @Test
    void groupsAreSortedByWhatIsComputedOfThemWhetherItIsShownOrNot() {
        threeRooms();
        put("d", "{\"temp\":10,\"site\":\"attic\"}");
        assertThat(run("group(site)&count()&sort(-count())"))
                .containsExactly(
                        "{\"site\":\"hall\",\"count()\":2}",
                        "{\"site\":\"attic\",\"count()\":1}",
                        "{\"site\":\"yard\",\"count()\":1}");
        assertThat(run("group(site)&sort(count(),-max(temp))&limit(2)"))
                .containsExactly("{\"site\":\"yard\"}", "{\"site\":\"attic\"}");
    }

    @Test
    void attributeThatDiffersWithinAGroupIsRefused() {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> run("group(site)&select(temp,count())"))
                .withMessageContaining("'temp' differs within a group")
                .matches(e -> e.code() == ErrorCode.INVALID);
    }

    @Test
    void opaqueRecordsHaveNoAttributes() {
        put("a", FORMATS.of(new MediaType("image/png"), new byte[] {1}));
        put("b", "{\"x\":1}");
        assertThat(run("x=1")).hasSize(1);
        assertThat(run("x!=1&count()")).containsExactly("{\"count()\":1}");
    }

    @Test
    void recordsTheAskerMayNotSeeCountForNothing() {
        threeRooms();
        visible = path -> !path.id().equals("b");
        assertThat(run("count()")).containsExactly("{\"count()\":2}");
        assertThat(run("limit(1,2)&select($id)")).containsExactly("{\"$id\":\"c\"}");
    }

    @Test
    void sortBeyondTheMemoryIsRefusedButTheBestFewAreNot() {
        for (int i = 0; i < 150; i++) {
            put("r" + i, "{\"n\":" + (i * 37 % 150) + "}");
        }
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> run("sort(n)"))
                .withMessageContaining("limit(n)")
                .matches(e -> e.code() == ErrorCode.TOO_LARGE);
        assertThat(run("sort(-n)&limit(2)")).containsExactly("{\"n\":149}", "{\"n\":148}");
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> run("group(n)"))
                .withMessageContaining("more than 100 groups")
                .matches(e -> e.code() == ErrorCode.TOO_LARGE);
    }

    @Test
    void planIsExplained() {
        assertThat(run("temp=1&sort(x)&limit(3)&explain()"))
                .containsExactly("{\"table\":\"t\",\"access\":\"scan\",\"reason\":\"there is no index of"
                        + " 'temp'\",\"filter\":true,\"sort\":\"first rows in memory\",\"limit\":3}");
    }

    @Test
    void randomSortedPagesAreThoseOfAFullSort() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        record Numbered(int id, int n) {}
        for (int round = 0; round < 200; round++) {
            records.clear();
            List<Numbered> model = new ArrayList<>();
            for (int id = 100, size = 100 + random.nextInt(80); id < size; id++) {
                int n = random.nextInt(10);
                put(Integer.toString(id), "{\"n\":" + n + "}");
                model.add(new Numbered(id, n));
            }
            int least = random.nextInt(10);
            int start = random.nextInt(20);
            int end = start + random.nextInt(60);
            boolean down = random.nextBoolean();
            Comparator<Numbered> order = Comparator.comparingInt(Numbered::n);
            List<String> expected = model.stream()
                    .filter(r -> r.n >= least)
                    .sorted(down ? order.reversed() : order)
                    .skip(start)
                    .limit(end - start)
                    .map(r -> "{\"$id\":\"" + r.id + "\"}")
                    .toList();

            String query =
                    "n=ge=" + least + "&sort(" + (down ? "-n" : "n") + ")&limit(" + start + "," + end + ")&select($id)";
            assertThat(run(query)).as("seed %d: %s", seed, query).isEqualTo(expected);
        }
    }
}
