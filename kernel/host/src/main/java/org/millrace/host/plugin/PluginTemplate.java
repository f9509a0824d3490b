package org.millrace.host.plugin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A plugin's project to begin with. It comes with the distribution as a project that is built and tested there under a
 * name of its own, which is replaced by the new plugin's wherever it stands. Immutable; blocks on the file system.
 */
public final class PluginTemplate {
    private static final String ID = "greeter";
    private static final String CLASSES = "Greeter";
    private static final String PACKAGE = "com.example.greeter";
    private static final Pattern HOME = Pattern.compile("<millrace\\.home>[^<]*</millrace\\.home>");
    private static final Pattern NAMES = Pattern.compile(
            String.join("|", Pattern.quote(PACKAGE), Pattern.quote(PACKAGE.replace('.', '/')), CLASSES, ID));
    private static final Pattern VALID_PACKAGE = Pattern.compile("[a-z_][a-z0-9_]*(\\.[a-z_][a-z0-9_]*)*");

    private final Path home;
    private final String id;
    private final String packageName;

    private PluginTemplate(Path home, String id, String packageName) {
        this.home = home;
        this.id = id;
        this.packageName = packageName;
    }

    /**
     * Names the new plugin.
     *
     * @param home the unpacked distribution, which the project is built against
     * @param id the plugin's id
     * @param packageName the package of its classes; empty for one named like the plugin
     * @return a template to be written
     * @throws IllegalArgumentException if a name cannot be used; the message says how it has to be
     */
    public static PluginTemplate named(Path home, String id, String packageName) {
        if (!PluginVerifier.ID.matcher(id).matches()) {
            throw new IllegalArgumentException("'" + id
                    + "' is no plugin id: use lower case letters, digits and hyphens, beginning with a letter");
        }
        String chosen = packageName.isEmpty() ? "com.example." + id.replace("-", "") : packageName;
        if (!VALID_PACKAGE.matcher(chosen).matches()) {
            throw new IllegalArgumentException(
                    "'" + chosen + "' is no package: use lower case words with dots between them");
        }
        return new PluginTemplate(home.toAbsolutePath().normalize(), id, chosen);
    }

    /**
     * Writes the project.
     *
     * @param folder an empty folder, or one that is not there yet
     * @return the files, below the folder
     * @throws DirectoryNotEmptyException if the folder holds something
     * @throws IOException if a file cannot be read or written
     */
    public List<Path> write(Path folder) throws IOException {
        Path template = home.resolve("templates").resolve("plugin");
        List<Path> files = files(template);
        requireEmpty(folder);
        for (Path file : files) {
            Path target = folder.resolve(renamed(template.relativize(file).toString()));
            Files.createDirectories(target.getParent());
            Files.writeString(target, content(file), StandardCharsets.UTF_8);
        }
        return files(folder).stream().map(folder::relativize).toList();
    }

    private String content(Path file) throws IOException {
        String text = renamed(Files.readString(file, StandardCharsets.UTF_8));
        return HOME.matcher(text)
                .replaceAll(Matcher.quoteReplacement("<millrace.home>" + escaped(home) + "</millrace.home>"));
    }

    private static String escaped(Path path) {
        return path.toString().replace("&", "&amp;").replace("<", "&lt;");
    }

    private String renamed(String text) {
        return NAMES.matcher(text).replaceAll(name -> switch (name.group()) {
            case PACKAGE -> packageName;
            case CLASSES -> classes();
            case ID -> id;
            default -> packageName.replace('.', '/');
        });
    }

    /** {@code my-protocol} as {@code MyProtocol}. */
    private String classes() {
        return Arrays.stream(id.split("-"))
                .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                .collect(Collectors.joining());
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void requireEmpty(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        try (Stream<Path> there = Files.list(folder)) {
            if (there.findAny().isPresent()) {
                throw new DirectoryNotEmptyException(folder.toString());
            }
        }
    }
}
