package org.millrace.host.extension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.millrace.spi.plugin.ExtensionPoint;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.plugin.Registration;

class ExtensionRegistryTest {
    private static final ExtensionPoint<String> WORDS = new ExtensionPoint<>("words", String.class);

    private final ExtensionRegistry registry = new ExtensionRegistry();
    private final PluginExtensions giver = registry.plugin("giver");
    private final PluginExtensions taker = registry.plugin("taker");
    private final Recorder recorder = new Recorder();

    @Test
    void anEarlierOfferIsShownToALaterConsumer() {
        giver.offer(WORDS, "a");
        giver.offer(WORDS, "b");

        taker.consume(WORDS, recorder);

        assertThat(recorder.news).containsExactly("giver +a", "giver +b");
    }

    @Test
    void aLaterOfferIsShownToAnEarlierConsumer() {
        taker.consume(WORDS, recorder);

        giver.offer(WORDS, "a");

        assertThat(recorder.news).containsExactly("giver +a");
    }

    @Test
    void anOfferIsTakenBackOnce() {
        taker.consume(WORDS, recorder);
        Registration offer = giver.offer(WORDS, "a");

        offer.close();
        offer.close();

        assertThat(recorder.news).containsExactly("giver +a", "giver -a");
    }

    @Test
    void anOfferThatNobodyUsesIsReportedWithWhatWouldUseIt() {
        ExtensionPoint<String> songs = new ExtensionPoint<>("songs", String.class, "a plugin that sings");
        giver.offer(WORDS, "a");
        giver.offer(songs, "b");
        Registration use = taker.consume(WORDS, recorder);

        assertThat(registry.unused())
                .isEqualTo(
                        Map.of("giver", List.of("nobody uses its songs; start a plugin that sings, if it is wanted")));

        use.close();
        assertThat(registry.unused().get("giver")).hasSize(2).contains("nobody uses its words");
        giver.close();
        assertThat(registry.unused()).isEmpty();
    }

    @Test
    void theSameObjectOfferedTwiceIsTwoOffers() {
        Registration first = giver.offer(WORDS, "a");
        giver.offer(WORDS, "a");
        first.close();

        taker.consume(WORDS, recorder);

        assertThat(recorder.news).containsExactly("giver +a");
    }

    @Test
    void aPluginThatStopsLeavesNothingBehind() {
        taker.consume(WORDS, recorder);
        giver.offer(WORDS, "a");
        giver.consume(WORDS, new Recorder());

        giver.close();

        assertThat(recorder.news).containsExactly("giver +a", "giver -a");
        assertThatIllegalStateException().isThrownBy(() -> giver.offer(WORDS, "late"));
    }

    @Test
    void aConsumerThatEndedHearsNothing() {
        Registration use = taker.consume(WORDS, recorder);
        use.close();

        giver.offer(WORDS, "a");

        assertThat(recorder.news).isEmpty();
    }

    @Test
    void aFailingConsumerDoesNotKeepTheNewsFromOthers() {
        registry.plugin("broken").consume(WORDS, new Extensions.Consumer<>() {
            @Override
            public void added(String pluginId, String extension) {
                throw new IllegalStateException("cannot");
            }

            @Override
            public void removed(String pluginId, String extension) {}
        });
        taker.consume(WORDS, recorder);

        giver.offer(WORDS, "a");

        assertThat(recorder.news).containsExactly("giver +a");
    }

    @Test
    @SuppressWarnings({"unchecked", "rawtypes"})
    void anOfferOfAnotherTypeIsRefusedToTheOneWhoOffers() {
        ExtensionPoint raw = WORDS;

        assertThatExceptionOfType(ClassCastException.class).isThrownBy(() -> giver.offer(raw, 1));
    }

    @Test
    void aConsumerMayOfferToItselfFromItsCallback() {
        taker.consume(WORDS, new Extensions.Consumer<>() {
            @Override
            public void added(String pluginId, String extension) {
                recorder.added(pluginId, extension);
                if (extension.length() < 3) {
                    taker.offer(WORDS, extension + extension.charAt(0));
                }
                recorder.news.add("done " + extension);
            }

            @Override
            public void removed(String pluginId, String extension) {}
        });

        giver.offer(WORDS, "a");

        assertThat(recorder.news)
                .containsExactly("giver +a", "done a", "taker +aa", "done aa", "taker +aaa", "done aaa");
    }

    @Test
    void twoPluginsThatOfferToEachOtherFromTheirCallbacksDoNotWaitForEachOther() throws InterruptedException {
        ExtensionPoint<String> other = new ExtensionPoint<>("other", String.class);
        CountDownLatch bothInside = new CountDownLatch(2);
        CountDownLatch all = new CountDownLatch(4);
        giver.consume(WORDS, new CrossOffer(giver, other, bothInside, all));
        taker.consume(other, new CrossOffer(taker, WORDS, bothInside, all));

        Thread a = Thread.ofPlatform().start(() -> taker.offer(WORDS, "first"));
        Thread b = Thread.ofPlatform().start(() -> giver.offer(other, "first"));

        assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
        a.join();
        b.join();
    }

    @Test
    void newsFromManyThreadsComesOneAtATime() throws InterruptedException {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        AtomicInteger balance = new AtomicInteger();
        taker.consume(WORDS, new Extensions.Consumer<>() {
            @Override
            public void added(String pluginId, String extension) {
                overlaps.addAndGet(inside.getAndIncrement());
                balance.incrementAndGet();
                inside.decrementAndGet();
            }

            @Override
            public void removed(String pluginId, String extension) {
                overlaps.addAndGet(inside.getAndIncrement());
                balance.decrementAndGet();
                inside.decrementAndGet();
            }
        });
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.length; t++) {
            threads[t] = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 500; i++) {
                    giver.offer(WORDS, "x").close();
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(overlaps).hasValue(0);
        assertThat(balance).hasValue(0);
    }

    private static final class Recorder implements Extensions.Consumer<String> {
        final List<String> news = new CopyOnWriteArrayList<>();

        @Override
        public void added(String pluginId, String extension) {
            news.add(pluginId + " +" + extension);
        }

        @Override
        public void removed(String pluginId, String extension) {
            news.add(pluginId + " -" + extension);
        }
    }

    private record CrossOffer(
            PluginExtensions mine, ExtensionPoint<String> to, CountDownLatch bothInside, CountDownLatch all)
            implements Extensions.Consumer<String> {
        @Override
        public void added(String pluginId, String extension) {
            all.countDown();
            if (extension.equals("first")) {
                bothInside.countDown();
                try {
                    assertThat(bothInside.await(10, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                mine.offer(to, "second");
            }
        }

        @Override
        public void removed(String pluginId, String extension) {}
    }
}
