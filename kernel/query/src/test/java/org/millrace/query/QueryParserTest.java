package org.millrace.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.content.AttributePath;
import org.millrace.content.Value;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class QueryParserTest {
    private static final Map<String, Value> KITCHEN = Map.of(
            "temp",
            Value.of(30.5),
            "site",
            new Value.Text("hall"),
            "code",
            new Value.Text("30"),
            "on",
            Value.TRUE,
            "note",
            Value.NULL,
            "tags",
            new Value.Array(List.of(new Value.Text("a"), new Value.Text("b"))),
            "pos.x",
            Value.of(1),
            "$type",
            new Value.Text("room"));

    private static boolean matches(String query) {
        return QueryParser.parse(query).where().test(path -> KITCHEN.getOrDefault(path.toString(), Value.MISSING));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "temp=gt=30 true",
                "temp=gt=30.5 false",
                "temp=ge=30.5 true",
                "temp>30 true",
                "temp<=30 false",
                "temp=gt=hall false",
                "site=hall true",
                "site==hall true",
                "site===hall true",
                "site!=hall false",
                "site=ne=yard true",
                "missing=ne=yard true",
                "missing=yard false",
                "code=30 true",
                "code===30 false",
                "code=string:30 true",
                "code=number:30 false",
                "temp=number:30.50 true",
                "temp=3.05e1 true",
                "on=true true",
                "on=string:true false",
                "note=null true",
                "note===null true",
                "note!=null false",
                "missing=null true",
                "missing===null false",
                "missing=string:null false",
                "missing!=null false",
                "missing=ne=null false",
                "site!=null true",
                "tags=ct=null false",
                "site=ct=al true",
                "site=sw=ha true",
                "site=ew=ll true",
                "site==ha* true",
                "tags=ct=b true",
                "tags=ct=c false",
                "pos.x=1 true",
                "temp=gt=30&site=yard false",
                "temp=gt=40|site=hall true",
                "temp=gt=30&site=yard|site=hall true",
                "(temp=gt=40&site=hall)|on=true true",
                "[temp=gt=40|site=hall]&on=false false",
                "temp=gt=30&lt=31 true",
                "temp=gt=30&lt=30.2 false",
                "si%74e=h%61ll true",
                "site=ha+ll false",
                "$$type=room true",
                "%24%24type=hall false",
                "pos.x=1&$$type=room true",
            })
    void aConditionIsTestedOnARecord(String query, boolean expected) {
        assertThat(matches(query)).isEqualTo(expected);
    }

    @Test
    void anEmptyQueryAsksForEverything() {
        assertThat(QueryParser.parse("")).isEqualTo(ParsedQuery.ALL);
    }

    @Test
    void alternativesBindMoreTightlyThanTerms() {
        ParsedQuery query = QueryParser.parse("temp=gt=30&site=hall|site=yard&select(id,temp)&sort(-temp)&limit(10)");

        assertThat(query.where())
                .isInstanceOfSatisfying(
                        Condition.And.class,
                        and -> assertThat(and.parts())
                                .satisfiesExactly(
                                        temp -> assertThat(temp).isInstanceOf(Condition.Compare.class),
                                        site -> assertThat(site).isInstanceOf(Condition.Or.class)));
        assertThat(query.select()).extracting(Selection::key).containsExactly("id", "temp");
        assertThat(query.sort()).containsExactly(new SortKey(new AttributePath(List.of("temp")), true));
        assertThat(query.limit()).isEqualTo(10);
    }

    @Test
    void alternativesMayBeWrittenWithoutABar() {
        assertThat(QueryParser.parse("temp=1&or(site=hall,site=yard)").where())
                .isEqualTo(QueryParser.parse("temp=1&(site=hall|site=yard)").where());
        assertThat(QueryParser.parse("or(a=1&b=2,or(c=3,d=4))&limit(1)").where())
                .isEqualTo(QueryParser.parse("((a=1&b=2)|(c=3|d=4))&limit(1)").where());
        assertThatExceptionOfType(ResourceException.class).isThrownBy(() -> QueryParser.parse("or(a=1"));
        assertThatExceptionOfType(ResourceException.class).isThrownBy(() -> QueryParser.parse("or(".repeat(100_000)));
    }

    @Test
    void limitMayNameAStartAndAnEnd() {
        ParsedQuery query = QueryParser.parse("limit(20,30)");

        assertThat(query.offset()).isEqualTo(20);
        assertThat(query.limit()).isEqualTo(10);
    }

    @Test
    void aggregatesStandAloneOrInSelect() {
        ParsedQuery query = QueryParser.parse("group(site)&select(site,avg(temp),count())&max(temp)");

        assertThat(query.isAggregate()).isTrue();
        assertThat(query.select())
                .extracting(Selection::key)
                .containsExactly("site", "avg(temp)", "count()", "max(temp)");
        assertThat(query.group()).containsExactly(new AttributePath(List.of("site")));
    }

    @Test
    void groupsAreSortedByAggregatesToo() {
        assertThat(QueryParser.parse("group(site)&sort(-avg(temp.in),site,count())")
                        .sort())
                .containsExactly(
                        new SortKey(
                                new Selection.Aggregate(
                                        Selection.Function.AVG, new AttributePath(List.of("temp", "in"))),
                                true),
                        new SortKey(new AttributePath(List.of("site")), false),
                        new SortKey(new Selection.Count(), false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "temp 4",
                "=1 0",
                "temp=xx=3 4",
                "temp=gt=30& 11",
                "(temp=1 7",
                "temp=1) 6",
                "a..b=1 0",
                "limit(x) 6",
                "limit(-1) 6",
                "limit(3,2) 0",
                "frobnicate(1) 0",
                "sum() 4",
                "sum(a,b) 0",
                "a=number:x 2",
                "a=date:yesterday 2",
                "a=%zz 2",
                "a=%ff 2",
                "explain(1) 8",
                "temp=gt=3&group(site)&select(site,temp) 34",
                "group(site)&count()&sort(temp) 25",
                "select(temp,count()) 7",
                "sort(-count()) 5",
                "group(site)&sort(count(temp)) 23",
                "group(site)&sort(-median(temp)) 17",
            })
    void theErrorPointsAtThePosition(String query, int position) {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> QueryParser.parse(query))
                .withMessageStartingWith("query, position " + position + ":")
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "$limt=5 0 limit()",
                "%24limit=5 0 limit()",
                "a=1&$sort=-temp 4 sort()",
                "select(a,$idd) 9 $id",
                "(a=1|$coun=3) 5 count()",
            })
    void aMisspeltOptionIsNoCondition(String query, int position, String meant) {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> QueryParser.parse(query))
                .withMessageStartingWith("query, position " + position + ": unknown '$")
                .withMessageContaining("did you mean '" + meant + "'?");
    }

    @Test
    void whoMeansAnAttributeThatBeginsWithADollarIsToldHowItIsWritten() {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> QueryParser.parse("$schema=x"))
                .withMessage(
                        "query, position 0: unknown '$schema'; '$id' is the record's id. An attribute whose own name"
                                + " begins with '$' is written with another before it: '$$schema'");
        assertThat(QueryParser.parse("select($$schema,a.$ref)&sort(-$$schema)").select())
                .extracting(Selection::key)
                .containsExactly("$schema", "a.$ref");
        assertThatExceptionOfType(ResourceException.class).isThrownBy(() -> QueryParser.parse("$$id=x"));
    }

    @Test
    void nestingIsBounded() {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> QueryParser.parse("(".repeat(100_000)))
                .withMessageContaining("nested");
    }

    @Test
    void anyTextIsEitherUnderstoodOrRefused() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String alphabet = "ab.=<>!&|()[],*%+-0123456789:gtlesn";
        for (int i = 0; i < 200_000; i++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(24);
            for (int j = 0; j < length; j++) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            try {
                QueryParser.parse(text.toString());
            } catch (ResourceException e) {
                assertThat(e.code()).as("seed %d: %s", seed, text).isEqualTo(ErrorCode.INVALID);
            }
        }
    }
}
