package org.millrace.host.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.WriteRequest;

class TableCatalogTest {
    private static final ContentFormats FORMATS = new ContentFormats(new ContentLimits(1 << 20, 64));
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    private final TableCatalog tables = new TableCatalog(false, CLOCK);

    private static Content json(String text) {
        return FORMATS.of(MediaType.JSON, text.getBytes(StandardCharsets.UTF_8));
    }

    private static Write.Put put(String path, String json) {
        return new Write.Put(Path.of(path), json(json), WriteOptions.DEFAULT);
    }

    private static void commit(TableCatalog tables, Write write) {
        List<String> told = new ArrayList<>();
        WriteRequest.Outcome client = new WriteRequest.Outcome() {
            @Override
            public void committed(List<Commit> commits) {
                told.add("committed");
            }

            @Override
            public void refused(ResourceException reason) {
                told.add("refused");
            }
        };
        tables.declaring(List.of(tables.admit(write)), client).committed(List.of());
        assertThat(told).containsExactly("committed");
    }

    private static Instant expiry(Write write) {
        return write.options().expiresAt();
    }

    @Test
    void recordsLiveAsLongAsTheirTableSays() {
        commit(tables, put("$sys/tables/t", "{\"ttl\":\"30d\"}"));

        assertThat(expiry(tables.admit(put("t/a", "1")))).isEqualTo(NOW.plusSeconds(30 * 86_400));
        assertThat(expiry(tables.admit(new Write.Patch(Path.of("t/a"), json("{}"), WriteOptions.DEFAULT))))
                .isEqualTo(NOW.plusSeconds(30 * 86_400));
        assertThat(expiry(tables.admit(put("u/a", "1")))).isEqualTo(WriteOptions.NEVER);
    }

    @Test
    void whoeverKeepsIndexesIsToldOfThem() {
        List<String> told = new ArrayList<>();
        tables.onIndexes((table, attributes) -> told.add(table + " " + attributes));
        commit(tables, put("$sys/tables/t", "{\"indexes\":[\"temp\",\"at.x\"]}"));
        commit(tables, new Write.Delete(Path.of("$sys/tables/t"), WriteOptions.DEFAULT));

        assertThat(told).containsExactly("t [temp, at.x]", "t []");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"indexes":"temp"}          | 'indexes' is a list
        {"indexes":[1]}             | 'indexes' names attributes
        {"indexes":["a..b"]}        | 'indexes' names attributes
        {"indexes":["$id"]}         | cannot name $id
        {"indexes":["a","a"]}       | names 'a' twice
        """, quoteCharacter = '`', ignoreLeadingAndTrailingWhitespace = true)
    void wrongIndexesAreRefused(String definition, String reason) {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> tables.admit(put("$sys/tables/t", definition)))
                .withMessageContaining(reason)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }

    @Test
    void writersOwnExpiryIsKept() {
        commit(tables, put("$sys/tables/t", "{\"ttl\":\"30d\"}"));
        Instant own = NOW.plusSeconds(5);

        Write write = new Write.Put(Path.of("t/a"), json("1"), WriteOptions.DEFAULT.withExpiresAt(own));

        assertThat(tables.admit(write)).isSameAs(write);
    }

    @Test
    void definitionTakesEffectWhenItIsDoneAndNotBefore() {
        Write definition = tables.admit(put("$sys/tables/t", "{\"durability\":\"os\"}"));
        assertThat(tables.durability(Path.of("t/a"))).isEqualTo(Durability.FSYNC);

        commit(tables, definition);
        assertThat(tables.durability(Path.of("t/a"))).isEqualTo(Durability.OS);

        commit(tables, new Write.Delete(Path.of("$sys/tables/t"), WriteOptions.DEFAULT));
        assertThat(tables.durability(Path.of("t/a"))).isEqualTo(Durability.FSYNC);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "$sys/tables/t | [] | JSON object",
                "$sys/tables/t | {\"tll\":\"1d\"} | unknown key 'tll'",
                "$sys/tables/t | {\"ttl\":30} | 'ttl' is a text",
                "$sys/tables/t | {\"ttl\":\"0s\"} | more than 0",
                "$sys/tables/t | {\"ttl\":\"999999999999999d\"} | at most 36500d",
                "$sys/tables/t | {\"durability\":\"memory\"} | \"fsync\" or \"os\"",
                "$sys/tables/a/b | {} | 'a/b' cannot be a table's name",
                "$sys/tables/$sys | {} | '$sys' cannot be a table's name",
                "$sys/tables/ | {} | cannot be a table's name"
            })
    void wrongDefinitionIsRefusedByName(String path, String json, String message) {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> tables.admit(put(path, json)))
                .withMessageContaining(message)
                .withMessageContaining(path)
                .matches(e -> e.code() == ErrorCode.INVALID);
    }

    @Test
    void definitionIsNotPatched() {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(
                        () -> tables.admit(new Write.Patch(Path.of("$sys/tables/t"), json("{}"), WriteOptions.DEFAULT)))
                .withMessageContaining("put the whole of it")
                .matches(e -> e.code() == ErrorCode.UNSUPPORTED);
    }

    @Test
    void undeclaredTableIsRefusedWithTheRemedyWhereTheHostAsksForDeclarations() {
        TableCatalog strict = new TableCatalog(true, CLOCK);

        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> strict.admit(put("t/a", "1")))
                .withMessageContaining("$sys/tables/t")
                .matches(e -> e.code() == ErrorCode.NOT_FOUND);

        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> strict.requireDeclared(Path.of("t/a")))
                .matches(e -> e.code() == ErrorCode.NOT_FOUND);

        commit(strict, put("$sys/tables/t", "{}"));
        assertThat(strict.admit(put("t/a", "1"))).isNotNull();
        strict.requireDeclared(Path.of("t/a"));
    }
}
