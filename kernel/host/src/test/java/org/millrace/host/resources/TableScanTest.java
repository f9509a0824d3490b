package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.query.RowSlice;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Version;

class TableScanTest {
    private static final Content NOTHING =
            new ContentFormats(ContentLimits.ofSize(1024)).trusted(MediaType.OCTET_STREAM, new byte[0]);

    private final ExecutorService pool = Executors.newSingleThreadExecutor();
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final List<Path> table = new ArrayList<>();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();

    TableScanTest() {
        for (int i = 1000; i < 2000; i++) {
            table.add(Path.of("t/" + i));
        }
    }

    @AfterEach
    void close() {
        pool.shutdown();
        executor.shutdown();
    }

    /** Walks over the table; rows that are hidden are left out of their slice. */
    private TableScan.Source walk(Predicate<Path> visible) {
        AtomicInteger at = new AtomicInteger();
        return maxRows -> {
            reads.incrementAndGet();
            int from = at.get();
            int to = Math.min(from + maxRows, table.size());
            at.set(to);
            List<Row> rows = table.subList(from, to).stream()
                    .filter(visible)
                    .map(path -> new Row(path, Version.NONE, NOTHING))
                    .toList();
            return new RowSlice(rows, to == table.size());
        };
    }

    private TableScan scan(Rows rows, long limit, Predicate<Path> visible) {
        TableScan scan = new TableScan(walk(visible), limit, pool, executor, rows, over -> ends.incrementAndGet());
        scan.start();
        return scan;
    }

    @Test
    void everyRowComesOnceAndInOrder() {
        Rows rows = new Rows(Long.MAX_VALUE);
        scan(rows, Long.MAX_VALUE, path -> true);

        await().until(rows::isOver);
        assertThat(rows.paths)
                .containsExactlyElementsOf(table.stream().map(Path::toString).toList());
        assertThat(ends).hasValue(1);
    }

    @Test
    void rowsThatAreHiddenDoNotEndTheScan() {
        Rows rows = new Rows(Long.MAX_VALUE);
        scan(rows, Long.MAX_VALUE, path -> path.toString().compareTo("t/1900") >= 0);

        await().until(rows::isOver);
        assertThat(rows.paths).hasSize(100).first().isEqualTo("t/1900");
    }

    @Test
    void noMoreIsGivenThanRequestedAndAtMostOneSliceIsReadAhead() {
        Rows rows = new Rows(3);
        scan(rows, Long.MAX_VALUE, path -> true);
        await().until(() -> rows.paths.size() == 3);

        rows.subscription.request(2);
        await().until(() -> rows.paths.size() == 5);

        assertThat(reads).hasValue(1);
        assertThat(rows.isOver()).isFalse();
    }

    @Test
    void nothingIsReadBeforeTheFirstRequest() {
        Rows rows = new Rows(0);
        scan(rows, Long.MAX_VALUE, path -> true);

        await().until(() -> rows.subscription != null);
        assertThat(reads).hasValue(0);
    }

    @Test
    void theLimitEndsTheResult() {
        Rows rows = new Rows(Long.MAX_VALUE);
        scan(rows, 300, path -> true);

        await().until(rows::isOver);
        assertThat(rows.paths).hasSize(300);
        assertThat(rows.complete).isTrue();
    }

    @Test
    void aLimitOfZeroIsAnEmptyResultWithoutDemand() {
        Rows rows = new Rows(0);
        scan(rows, 0, path -> true);

        await().until(rows::isOver);
        assertThat(rows.complete).isTrue();
    }

    @Test
    void cancellingEndsTheWork() {
        Rows rows = new Rows(1);
        TableScan scan = scan(rows, Long.MAX_VALUE, path -> true);
        await().until(() -> rows.paths.size() == 1);

        scan.cancel();
        scan.request(100);

        await().until(() -> ends.get() == 1);
        assertThat(rows.paths).hasSize(1);
        assertThat(rows.isOver()).isFalse();
    }

    @Test
    void aRequestOfZeroFails() {
        Rows rows = new Rows(1);
        scan(rows, Long.MAX_VALUE, path -> true);
        await().until(() -> rows.paths.size() == 1);

        rows.subscription.request(0);

        await().until(rows::isOver);
        assertThat(rows.failure).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFailingReadIsTheResultsFailure() {
        Rows rows = new Rows(1);
        TableScan scan = new TableScan(
                maxRows -> {
                    throw new ResourceException(ErrorCode.UNAVAILABLE, "disk");
                },
                10,
                pool,
                executor,
                rows,
                over -> ends.incrementAndGet());
        scan.start();

        await().until(rows::isOver);
        assertThat(ResourceException.from(rows.failure).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }

    @Test
    void aFullPoolIsBusy() {
        Rows rows = new Rows(1);
        TableScan scan = new TableScan(
                walk(path -> true),
                10,
                task -> {
                    throw new RejectedExecutionException();
                },
                executor,
                rows,
                over -> ends.incrementAndGet());
        scan.start();

        await().until(rows::isOver);
        assertThat(ResourceException.from(rows.failure).code()).isEqualTo(ErrorCode.BUSY);
    }

    @Test
    void aSubscriberThatThrowsEndsItsScanOnly() {
        Rows broken = new Rows(5) {
            @Override
            public void onNext(Row row) {
                throw new IllegalStateException("cannot");
            }
        };
        scan(broken, Long.MAX_VALUE, path -> true);
        await().until(() -> ends.get() == 1);

        Rows rows = new Rows(Long.MAX_VALUE);
        scan(rows, Long.MAX_VALUE, path -> true);
        await().until(rows::isOver);
        assertThat(rows.paths).hasSize(1000);
    }
}
