package org.millrace.host.cli;

import org.millrace.host.plugin.SpiVersion;
import picocli.CommandLine.IVersionProvider;

/** What {@code millrace version} prints. */
final class Versions implements IVersionProvider {
    Versions() {}

    @Override
    public String[] getVersion() {
        return new String[] {
            "millrace " + millrace() + " (SPI " + SpiVersion.OFFERED + ", Java " + System.getProperty("java.version")
                    + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ")"
        };
    }

    private static String millrace() {
        String version = Versions.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }
}
