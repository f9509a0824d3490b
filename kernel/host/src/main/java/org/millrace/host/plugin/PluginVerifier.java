package org.millrace.host.plugin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads a plugin's staged jars before any class of them loads, because a class loader says nothing of a jar that is cut
 * short or names no provider: it just finds nothing. Immutable; may block on the file system.
 */
final class PluginVerifier {
    private static final String SERVICE = "META-INF/services/org.millrace.spi.plugin.Plugin";
    static final Pattern ID = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

    /** What one jar says. */
    private record JarContents(Path jar, @Nullable Attributes manifest, List<String> providers) {}

    private final PluginSource source;

    PluginVerifier(PluginSource source) {
        this.source = source;
    }

    /**
     * Reads the jars.
     *
     * @param staged the copies of the source's jars, in the same order
     * @return what the manifest says
     * @throws PluginFailedException naming what is wrong and how to mend it
     */
    PluginDescriptor verify(List<Path> staged) throws PluginFailedException {
        List<JarContents> named = new ArrayList<>();
        for (Path jar : staged) {
            JarContents contents = read(jar);
            if (!contents.providers.isEmpty()) {
                named.add(contents);
            }
        }
        if (named.isEmpty()) {
            throw failed(
                    "no " + SERVICE + " in it, so it is no plugin",
                    "Add the file with the name of the class that implements org.millrace.spi.plugin.Plugin, or move"
                            + " the jar out of the plugins directory.");
        }
        List<String> providers =
                named.stream().flatMap(jar -> jar.providers.stream()).distinct().toList();
        if (providers.size() > 1) {
            throw failed(
                    SERVICE + " names " + providers.size() + " plugins (" + String.join(", ", providers) + ")",
                    "A jar or folder holds one plugin: leave one name.");
        }
        if (named.size() > 1) {
            throw failed(
                    "the same plugin is in " + named.size() + " jars of the folder ("
                            + String.join(
                                    ", ",
                                    named.stream()
                                            .map(jar -> jar.jar.getFileName().toString())
                                            .toList())
                            + ")",
                    "Remove the older one.");
        }
        return describe(named.getFirst().manifest, providers.getFirst());
    }

    private PluginDescriptor describe(@Nullable Attributes manifest, String provider) throws PluginFailedException {
        String id = attribute(manifest, "Plugin-Id");
        if (!ID.matcher(id).matches()) {
            throw failed(
                    "Plugin-Id '" + id + "' in its manifest is no plugin id",
                    "Use lower case letters, digits and hyphens, beginning with a letter.");
        }
        if (source.isFolder() && !source.name().equals(id)) {
            throw failed("the folder holds plugin " + id, "Rename the folder to " + id + ".");
        }
        String version = attribute(manifest, "Plugin-Version");
        String requires = attribute(manifest, "Requires-Spi");
        SpiVersion required;
        try {
            required = SpiVersion.parse(requires);
        } catch (IllegalArgumentException e) {
            throw failed("Requires-Spi in its manifest: " + e.getMessage(), "Ask its author for a mended version.");
        }
        if (!SpiVersion.OFFERED.satisfies(required)) {
            throw failed(
                    "it requires SPI " + required + ", this host offers " + SpiVersion.OFFERED,
                    "Install a version of the plugin for SPI " + SpiVersion.OFFERED
                            + ", or another release of Millrace.");
        }
        String platforms = manifest == null ? null : manifest.getValue("Requires-Platform");
        if (platforms != null && !HostPlatform.current().isAmong(platforms)) {
            throw failed(
                    "it runs on " + platforms.strip() + ", this host is on " + HostPlatform.current(),
                    "Install a build of the plugin for " + HostPlatform.current() + ".");
        }
        return new PluginDescriptor(id, version, required, provider, source.path());
    }

    private String attribute(@Nullable Attributes manifest, String name) throws PluginFailedException {
        String value = manifest == null ? null : manifest.getValue(name);
        if (value == null || value.isBlank()) {
            throw failed(
                    "its manifest has no " + name,
                    "A plugin's manifest says Plugin-Id, Plugin-Version and Requires-Spi.");
        }
        return value.strip();
    }

    private JarContents read(Path jar) throws PluginFailedException {
        // Release by release entries are the class loader's business; everything is read here.
        try (JarFile file = new JarFile(jar.toFile(), false, ZipFile.OPEN_READ)) {
            byte[] buffer = new byte[16 * 1024];
            Enumeration<? extends ZipEntry> entries = file.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (entry.getName().startsWith("org/millrace/spi/") && !entry.isDirectory()) {
                    throw failed(
                            jar.getFileName() + " bundles the SPI (" + entry.getName() + "), which is the host's",
                            "Build the plugin with the SPI as a provided dependency.");
                }
                checkBytes(file, entry, buffer);
            }
            Attributes manifest =
                    file.getManifest() == null ? null : file.getManifest().getMainAttributes();
            return new JarContents(jar, manifest, providers(file));
        } catch (IOException e) {
            throw new PluginFailedException(
                    new PluginFailure(
                            PluginPhase.VERIFY,
                            jar.getFileName() + " is no readable jar (" + e.getMessage()
                                    + "): it is cut short or damaged",
                            "Copy it again, under another name first, then rename it."),
                    e);
        }
    }

    /** {@link ZipFile} does not compare checksums by itself, so a damaged class would only show as odd bytecode. */
    private static void checkBytes(ZipFile file, ZipEntry entry, byte[] buffer) throws IOException {
        CRC32 crc = new CRC32();
        try (InputStream in = file.getInputStream(entry)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                crc.update(buffer, 0, n);
            }
        }
        if (crc.getValue() != entry.getCrc()) {
            throw new ZipException("checksum of " + entry.getName() + " does not match");
        }
    }

    private static List<String> providers(JarFile file) throws IOException {
        ZipEntry entry = file.getEntry(SERVICE);
        if (entry == null) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(file.getInputStream(entry), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int comment = line.indexOf('#');
                String name = (comment < 0 ? line : line.substring(0, comment)).strip();
                if (!name.isEmpty()) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    private static PluginFailedException failed(String reason, String remedy) {
        return new PluginFailedException(PluginPhase.VERIFY, reason, remedy);
    }
}
