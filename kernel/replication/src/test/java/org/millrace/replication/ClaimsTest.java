package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Names that one node holds at a time, with a real NATS server. */
class ClaimsTest extends NodesOfOneProcess {
    private static final String SHARED = "$internal/p/store/shared/";

    private static void awaitEachOther(ClusterNode... all) {
        await().atMost(LONG).until(() -> {
            for (ClusterNode node : all) {
                if (node.status().origins().stream()
                                .filter(ClusterStatus.Origin::present)
                                .count()
                        < all.length - 1) {
                    return false;
                }
            }
            return true;
        });
    }

    @Test
    void whatTheHolderWroteBeforeItLetGoIsThereWhenTheClaimIsTaken() throws Exception {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.replicator.onClaim("p", name -> {
            a.put(SHARED + name, "\"left by a\"");
            return CompletableFuture.completedStage(true);
        });
        awaitEachOther(a, b);
        for (int i = 0; i < 50; i++) {
            b.replicator.claim("p", "n" + i).toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThat(b.text(SHARED + "n" + i)).isEqualTo("\"left by a\"");
        }
    }

    @Test
    void manyClaimsAtOnceAreAllAskedForAndEachPluginHearsOfItsOwn() throws Exception {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        ClusterNode c = node("c");
        List<String> heardA = new CopyOnWriteArrayList<>();
        List<String> heardC = new CopyOnWriteArrayList<>();
        a.replicator.onClaim("p", name -> had(heardA, name));
        a.replicator.onClaim("other", name -> had(new ArrayList<>(), name));
        c.replicator.onClaim("p", name -> had(heardC, name));
        awaitEachOther(a, b, c);
        List<CompletableFuture<Void>> claims = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            String name = "client \n" + i;
            names.add(name);
            claims.add(b.replicator.claim("p", name).toCompletableFuture());
        }
        CompletableFuture.allOf(claims.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        assertThat(heardA).containsExactlyElementsOf(names);
        assertThat(heardC).containsExactlyElementsOf(names);
    }

    @Test
    void aNodeThatHasJustStartedWaitsUntilItKnowsWhoIsThere() {
        ClusterOptions options =
                ClusterNode.options("a", "nats://127.0.0.1:1", new ClusterOptions.Login("", "", "", Optional.empty()));
        Claims claims = new Claims(1, options, new Peers(1, "a", "run", List.of(), Clock.systemUTC()));
        CompletableFuture<Void> claim = claims.claim("p", "n").toCompletableFuture();
        assertThat(claim).isNotDone();
        claims.begin();
        assertThat(claim).isCompleted();
        assertThat(claims.claim("p", "other").toCompletableFuture()).isCompleted();
    }

    private static CompletionStage<Boolean> had(List<String> heard, String name) {
        heard.add(name);
        return CompletableFuture.completedStage(false);
    }

    @Test
    void aNodeThatDoesNotLetGoIsNotWaitedForLong() throws Exception {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.replicator.onClaim("p", name -> new CompletableFuture<>());
        awaitEachOther(a, b);
        CompletableFuture<Void> claim = b.replicator.claim("p", "n").toCompletableFuture();
        claim.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aNodeThatIsAloneOrWithoutNatsTakesWhatItClaims() throws Exception {
        ClusterNode a = node("a");
        a.replicator.claim("p", "n").toCompletableFuture().get(30, TimeUnit.SECONDS);
        ClusterNode b = node("b");
        awaitEachOther(a, b);
        nats.kill();
        await().atMost(LONG).until(() -> a.status().state() == ClusterStatus.State.CONNECTING);
        a.replicator.claim("p", "n").toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Test
    void sharedStateThatWasRemovedDoesNotComeBack() {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        a.put(SHARED + "s", "1");
        a.put("$internal/p/store/own", "1");
        await().atMost(LONG).until(() -> "1".equals(b.text(SHARED + "s")));
        b.delete(SHARED + "s");
        await().atMost(LONG).until(() -> a.text(SHARED + "s") == null);
        assertThat(b.text("$internal/p/store/own"))
                .as("what is not shared stays")
                .isNull();
    }
}
