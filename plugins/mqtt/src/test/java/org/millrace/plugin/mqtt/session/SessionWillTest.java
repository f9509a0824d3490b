package org.millrace.plugin.mqtt.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** The will of a client that has left a session is published in time, and once. */
class SessionWillTest extends SessionsTestBase {
    private Will will(String path, long delaySeconds) {
        return new Will(
                new Write.Put(
                        Path.of(path),
                        context.contents().of(MediaType.parse("text/plain"), new byte[] {'x'}),
                        WriteOptions.DEFAULT),
                delaySeconds,
                -1);
    }

    private boolean exists(String path) {
        try (var view = context.resources(USER, via("reader"), context.executor())) {
            return view.get(Path.of(path)).toCompletableFuture().join().isPresent();
        }
    }

    private void remove(String path) throws Exception {
        try (var view = context.resources(USER, via("writer"), context.executor())) {
            view.write(new Write.Delete(Path.of(path), WriteOptions.DEFAULT))
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void theWillOfASessionThatSleepsIsPublishedOnceAfterItsDelay() throws Exception {
        sessions.start(() -> {});
        leave("c", DAY, will("wills/c", 2));
        awaitAsleep(1);
        assertThat(exists("wills/c")).isFalse();

        await().until(() -> exists("wills/c"));
        remove("wills/c");
        awaitAsleep(1);
        sessions.sweep();

        assertThat(connect("c").orElseThrow().will().get()).isNull();
        assertThat(exists("wills/c")).isFalse();
    }

    @Test
    void aWillWithoutDelayIsPublishedOnceAndItsSessionSleeps() throws Exception {
        sessions.start(() -> {});
        leave("c", DAY, will("wills/c", 0));
        await().until(() -> exists("wills/c"));
        remove("wills/c");
        awaitAsleep(1);
        await().untilAsserted(() -> assertThat(sessions.alarms()).isZero());
        awaitAsleep(1);

        assertThat(connect("c").orElseThrow().will().get()).isNull();
        assertThat(exists("wills/c")).isFalse();
    }

    @Test
    void aWillTheHostHasNoRoomForIsPublishedWhenItHasAndTheNextConnectionComesBehindIt() throws Exception {
        sessions.start(() -> {});
        host.faults().refuseWrites(Optional.of(new ResourceException(ErrorCode.BUSY, "too many writes")));
        leave("c", DAY, will("wills/c", 0));
        Sessions.Claim next = sessions.claim("c", () -> {});
        assertThat(next.previous().toCompletableFuture()).isNotDone();

        host.faults().refuseWrites(Optional.empty());

        assertThat(previous(next).orElseThrow().will().get()).isNull();
        assertThat(exists("wills/c")).isTrue();
    }

    @Test
    void aWillThatIsPublishedBeforeItIsKeptIsPublishedOnce() throws Exception {
        sessions.start(() -> {});
        store.refuse(ErrorCode.BUSY);
        leave("c", DAY, will("wills/c", 0));
        await().until(() -> exists("wills/c"));
        remove("wills/c");

        store.accept();
        awaitAsleep(1);
        await().untilAsserted(() -> assertThat(sessions.alarms()).isZero());
        awaitAsleep(1);

        assertThat(connect("c").orElseThrow().will().get()).isNull();
        assertThat(exists("wills/c")).isFalse();
    }

    @Test
    void aClientThatIsBackInTimePreventsItsWill() throws Exception {
        sessions.start(() -> {});
        leave("c", DAY, will("wills/c", 3));
        leave("other", DAY, will("wills/other", 4));
        awaitAsleep(2);
        SessionState back = connect("c").orElseThrow();
        back.will().set(null);

        await().until(() -> exists("wills/other"));

        assertThat(exists("wills/c")).isFalse();
    }
}
