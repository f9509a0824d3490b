import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.JavaFormatterOptions.Style;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Keeps every Java file of the tree in one format; the root pom runs it on the build's JDK.
 *
 * <p>{@code check} fails and names the files that differ, {@code apply} rewrites them. palantir-java-format 2.103.0
 * does not know two forms that javac 25 accepts: a bare {@code _} inside a record pattern (write {@code var _}) and
 * {@code import module}.
 */
final class CodeFormat {
    private static final Set<String> SKIPPED = Set.of("target", "node_modules");

    public static void main(String[] arguments) throws IOException {
        var apply = "apply".equals(arguments[0]);
        var root = Path.of(arguments[1]);
        var formatter = Formatter.createFormatter(
                JavaFormatterOptions.builder().style(Style.PALANTIR).build());

        var different = new ArrayList<Path>();
        var unreadable = new ArrayList<String>();
        var files = javaFiles(root);
        for (var file : files) {
            var before = Files.readString(file);
            try {
                var after = formatter.formatSourceAndFixImports(before);
                if (!after.equals(before)) {
                    different.add(root.relativize(file));
                    if (apply) {
                        Files.writeString(file, after);
                    }
                }
            } catch (FormatterException e) {
                unreadable.add(root.relativize(file) + ": " + e.getMessage());
            }
        }

        unreadable.forEach(line -> System.err.println("[ERROR] cannot be parsed: " + line));
        different.forEach(
                file -> System.err.println((apply ? "[INFO] formatted: " : "[ERROR] not formatted: ") + file));
        if (!different.isEmpty() && !apply) {
            System.err.println("[ERROR] run: mvn -N validate exec:exec@format");
        }
        System.exit(unreadable.isEmpty() && (apply || different.isEmpty()) ? 0 : 1);
    }

    private static List<Path> javaFiles(Path root) throws IOException {
        var found = new ArrayList<Path>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                var name = directory.getFileName().toString();
                var skip = !directory.equals(root) && (name.startsWith(".") || SKIPPED.contains(name));
                return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".java")) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        found.sort(null);
        return found;
    }
}
