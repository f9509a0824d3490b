package org.millrace.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.testkit.RawPeer;
import org.millrace.toy.Flawed;
import org.millrace.toy.ToyPlugin;

/** The contract finds what it is there to find: each flawed plugin fails the tests it ought to, and no other. */
class PluginContractTest {
    private static final String CONSTRUCTOR = "theConstructorDoesNothing()";
    private static final String STARTS = "twentyStartsAndStopsLeaveNoThreadNoPortAndNoClassLoader()";

    /** The contract, spoken by a client of the toy's protocol. */
    abstract static class ToyContract extends PluginContract {
        @Override
        protected String pluginId() {
            return "toy";
        }

        @Override
        protected ProtocolClient connect(InetSocketAddress address) {
            RawPeer peer = RawPeer.connect(address, 16_384);
            return new ProtocolClient() {
                @Override
                public String put(String path, String json) {
                    return ToyContract.put(peer, path, json);
                }

                @Override
                public void askForAllAndReadNothing(String table) {
                    peer.send("ALL " + table + "/#\n");
                }

                @Override
                public void close() {
                    peer.close();
                }
            };
        }

        private static String put(RawPeer peer, String path, String json) {
            return peer.send("PUT " + path + " " + json + "\n").readUntil("\n").strip();
        }

        @Override
        protected String comeWithoutCredentials(InetSocketAddress address) {
            try (RawPeer peer = RawPeer.connect(address)) {
                return put(peer, "t/1", "1");
            }
        }

        @Override
        protected String unauthenticated() {
            return "unauthenticated";
        }

        @Override
        protected String accepted() {
            return "OK";
        }

        @Override
        protected String refused(ErrorCode code) {
            return code.id();
        }

        @Override
        protected byte[] greeting() {
            return "PUT t/never 1\n".getBytes(StandardCharsets.US_ASCII);
        }
    }

    static final class Good extends ToyContract {
        @Override
        protected Class<? extends Plugin> pluginClass() {
            return ToyPlugin.class;
        }
    }

    static final class Hasty extends ToyContract {
        @Override
        protected Class<? extends Plugin> pluginClass() {
            return Flawed.Hasty.class;
        }
    }

    static final class Untidy extends ToyContract {
        @Override
        protected Class<? extends Plugin> pluginClass() {
            return Flawed.Untidy.class;
        }
    }

    static final class Mumbling extends ToyContract {
        @Override
        protected Class<? extends Plugin> pluginClass() {
            return Flawed.Mumbling.class;
        }
    }

    static final class Greedy extends ToyContract {
        @Override
        protected Class<? extends Plugin> pluginClass() {
            return Flawed.Greedy.class;
        }
    }

    static final class Trusting extends ToyContract {
        @Override
        protected Class<? extends Plugin> pluginClass() {
            return Flawed.Trusting.class;
        }
    }

    static final class Touchy extends ToyContract {
        @Override
        protected Class<? extends Plugin> pluginClass() {
            return Flawed.Touchy.class;
        }
    }

    /** Runs a contract as an author's build does. Gives the tests that failed. */
    private static Set<String> failures(Class<? extends PluginContract> contract) {
        Set<String> failed = new TreeSet<>();
        Set<String> run = new TreeSet<>();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(contract))
                                .build(),
                        new TestExecutionListener() {
                            @Override
                            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                                if (test.isTest()) {
                                    run.add(test.getDisplayName());
                                    if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
                                        failed.add(test.getDisplayName());
                                    }
                                }
                            }
                        });
        assertThat(run).as("tests that were run").hasSize(5 + ErrorCode.values().length);
        return failed;
    }

    @AfterAll
    static void endThreadsThatWereLeft() {
        Flawed.end();
    }

    @Test
    void aGoodPluginStandsIt() {
        assertThat(failures(Good.class)).isEmpty();
    }

    @Test
    void aThreadOfTheConstructorIsFound() {
        assertThat(failures(Hasty.class)).contains(CONSTRUCTOR, STARTS).hasSize(2);
    }

    @Test
    void aThreadThatIsLeftBehindIsFound() {
        assertThat(failures(Untidy.class)).containsExactly(STARTS);
    }

    @Test
    void aWrongTermIsFound() {
        assertThat(failures(Mumbling.class)).containsExactly("CONFLICT");
    }

    @Test
    void aPluginThatTakesEverythingIsFound() {
        assertThat(failures(Greedy.class)).containsExactly("aClientThatReadsNothingIsNotReadFor()");
    }

    @Test
    void aPluginThatAsksForNoCredentialsIsFound() {
        assertThat(failures(Trusting.class)).containsExactly("aClientWithoutCredentialsIsRefusedInTheProtocolsTerms()");
    }

    @Test
    void aPluginThatGarbageBringsDownIsFound() {
        assertThat(failures(Touchy.class)).containsExactly("garbageAndGreetingsThatBreakOffHarmNobodyElse()");
    }
}
