package org.millrace.plugin.mqtt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The page that says which normative statements are tested, and how the tests ended. */
final class ConformanceTable {
    private ConformanceTable() {}

    /** A line of the lists of statements. */
    private record Statement(String id, char binds, String text, String note) {}

    private static List<Statement> statements(String file) throws IOException {
        try (InputStream in = ConformanceTable.class.getResourceAsStream("/conformance/" + file)) {
            String all = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return all.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(ConformanceTable::statement)
                    .toList();
        }
    }

    private static Statement statement(String line) {
        String[] parts = line.split("\\|", 3);
        int note = parts[2].lastIndexOf("; ");
        boolean noted = parts[1].equals("N") || parts[1].equals("E");
        return new Statement(
                parts[0],
                parts[1].charAt(0),
                noted ? parts[2].substring(0, note) : parts[2],
                noted ? parts[2].substring(note + 2) : "");
    }

    private static Map<String, ConformanceCheck> byStatement(List<ConformanceCheck> checks) {
        return checks.stream().collect(Collectors.toMap(c -> c.level() + " " + c.statement(), Function.identity()));
    }

    static List<String> untested(List<ConformanceCheck> checks) throws IOException {
        Map<String, ConformanceCheck> tests = byStatement(checks);
        List<String> missing = new ArrayList<>();
        for (int level : new int[] {5, 4}) {
            for (Statement s : statements(level == 5 ? "mqtt-5.txt" : "mqtt-3.1.1.txt")) {
                if (s.binds() == 'S' && !tests.containsKey(level + " " + s.id())) {
                    missing.add(level + " " + s.id());
                }
                if (s.binds() != 'S' && tests.containsKey(level + " " + s.id())) {
                    missing.add("tested but not listed as binding a server: " + level + " " + s.id());
                }
            }
        }
        return missing;
    }

    /** The tests, {@code Class.method}, that statements refer to because they need more than a raw connection. */
    static List<String> testsElsewhere() throws IOException {
        List<Statement> all = new ArrayList<>(statements("mqtt-5.txt"));
        all.addAll(statements("mqtt-3.1.1.txt"));
        return all.stream()
                .filter(s -> s.binds() == 'E')
                .map(Statement::note)
                .distinct()
                .toList();
    }

    static String render(List<ConformanceCheck> checks, Map<String, Boolean> outcomes) throws IOException {
        StringBuilder page = new StringBuilder();
        page.append("# MQTT conformance\n\n");
        page.append("Every normative statement of MQTT 5 and of MQTT 3.1.1 in our own words, the test that shows"
                        + " it, and")
                .append(" how it ended.\n")
                .append("Each test speaks to a server over a socket, byte by byte. The page is written by")
                .append(" `ConformanceTest` of the mqtt plugin\n(`mvn test -pl plugins/mqtt -am -Dtest=ConformanceTest")
                .append(" -Dmqtt.conformance.write=true`); the build fails if it is stale.\n");
        section(page, "MQTT 5", 5, statements("mqtt-5.txt"), byStatement(checks), outcomes);
        section(page, "MQTT 3.1.1", 4, statements("mqtt-3.1.1.txt"), byStatement(checks), outcomes);
        return page.toString();
    }

    private static void section(
            StringBuilder page,
            String title,
            int level,
            List<Statement> statements,
            Map<String, ConformanceCheck> tests,
            Map<String, Boolean> outcomes) {
        long server = statements.stream()
                .filter(s -> s.binds() == 'S' || s.binds() == 'E')
                .count();
        long passing = statements.stream()
                .filter(s -> s.binds() == 'E' || outcomes.getOrDefault(level + " " + s.id(), false))
                .count();
        page.append("\n## ").append(title).append("\n\n");
        page.append(statements.size()).append(" statements; ").append(server).append(" bind this server, of which ");
        page.append(passing).append(" pass.\n\n");
        page.append("| statement | says | test | result |\n|---|---|---|---|\n");
        for (Statement s : statements) {
            String key = level + " " + s.id();
            ConformanceCheck test = tests.get(key);
            String shown = switch (s.binds()) {
                case 'C' -> "| binds the client |";
                case 'N' -> "| not applicable: " + s.note() + " |";
                case 'E' -> s.note() + " | passes |";
                default ->
                    test == null
                            ? "| not tested |"
                            : test.sentence() + (outcomes.getOrDefault(key, false) ? " | passes |" : " | fails |");
            };
            page.append("| MQTT-").append(s.id()).append(" | ").append(s.text()).append(" | ");
            page.append(shown).append('\n');
        }
    }
}
