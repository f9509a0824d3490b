package org.millrace.examples.coap;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the installed host lets the packed adapter listen. */
class ListeningIT {
    @TempDir
    Path folder;

    @Test
    void onTheNetworkOnlyWhereThatIsMeant() throws Exception {
        try (HostProcess host = HostProcess.start(folder, "coap.bind=0.0.0.0")) {
            assertThat(host.ready()).contains(" http=").doesNotContain("coap=");
            assertThat(host.log())
                    .contains("plugin coap 0.1.0-SNAPSHOT (plugins/coap.jar) failed at start")
                    .contains("coap.bind: listening on 0.0.0.0 would let everybody on the network read and write")
                    .doesNotContain("client-ca");
            assertThat(host.curl("/$sys/plugins/coap")).contains("\"state\":\"failed\"");
        }
    }

    @Test
    void andNoLongerThanThePluginRuns() throws Exception {
        try (HostProcess host = HostProcess.start(folder, "coap.bind=0.0.0.0", "auth.allow-anonymous=true")) {
            assertThat(host.coap("t/1", "-m", "put", "-e", "1")).isEmpty();
            assertThat(host.curl("/$sys/plugins/coap")).contains("\"transport\":\"udp\"");

            host.plugin("stop");

            new DatagramSocket(new InetSocketAddress(host.port("coap"))).close();
            assertThat(host.curl("/$sys/plugins/coap"))
                    .contains("\"state\":\"stopped\"")
                    .doesNotContain("listeners");
            assertThat(host.curl("/metrics")).doesNotContain("listener=\"coap\"");
        }
    }
}
