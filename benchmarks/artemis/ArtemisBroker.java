import java.nio.file.Path;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/**
 * Runs Apache Artemis for a comparison: AMQP on a port, every address a queue, durable messages synchronised before they are
 * acknowledged. Usage: {@code java -cp 'JARS/*' ArtemisBroker.java PORT FOLDER}.
 */
final class ArtemisBroker {
    private ArtemisBroker() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration
                .setPersistenceEnabled(true)
                .setSecurityEnabled(false)
                .setJournalType(JournalType.NIO)
                .setJournalDatasync(true)
                .setJournalDirectory(folder.resolve("journal").toString())
                .setBindingsDirectory(folder.resolve("bindings").toString())
                .setLargeMessagesDirectory(folder.resolve("large").toString())
                .setPagingDirectory(folder.resolve("paging").toString());
        configuration.addAcceptorConfiguration(
                "amqp", "tcp://127.0.0.1:" + arguments[0] + "?protocols=AMQP;amqpCredits=1000;amqpLowCredits=300");
        configuration.addAddressSetting(
                "#",
                new AddressSettings()
                        .setDefaultAddressRoutingType(RoutingType.ANYCAST)
                        .setDefaultQueueRoutingType(RoutingType.ANYCAST)
                        .setAutoCreateAddresses(true)
                        .setAutoCreateQueues(true));
        new EmbeddedActiveMQ().setConfiguration(configuration).start();
    }
}
