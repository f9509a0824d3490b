package org.millrace.host.operation;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.millrace.host.control.Operation;
import org.millrace.host.plugin.PluginHost;
import org.millrace.host.plugin.PluginReport;
import org.millrace.host.plugin.PluginState;

/** Shows, starts, stops and reloads the plugins of a running host. */
public final class PluginOperation implements Operation {
    /** The operation's name. */
    public static final String NAME = "plugin";
    /** The argument that says what to do: {@code list}, {@code show}, {@code start}, {@code stop} or {@code reload}. */
    public static final String ACT = "act";
    /** The argument that names the plugin; not for {@code list}. */
    public static final String ID = "id";
    /** In the result: {@code true} if the plugin is as it was asked to be. */
    public static final String DONE = "done";

    private final PluginHost plugins;
    private final Supplier<Map<String, List<String>>> unusedOffers;

    /**
     * Makes the operation.
     *
     * @param plugins what it works on
     * @param unusedOffers by plugin, what is said of each offer that nobody uses
     */
    public PluginOperation(PluginHost plugins, Supplier<Map<String, List<String>>> unusedOffers) {
        this.plugins = plugins;
        this.unusedOffers = unusedOffers;
    }

    @Override
    public String name() {
        return NAME;
    }

    /**
     * Does it. Gives a line of output for each plugin, or one for the plugin and, to {@code show}, one for
     * each offer of its that nobody uses.
     *
     * @throws OperationException if there is no such plugin or act
     */
    @Override
    public Map<String, String> run(Map<String, String> arguments, Exchange exchange) throws IOException {
        String act = arguments.getOrDefault(ACT, "");
        if (act.equals("list")) {
            for (String row : table(plugins.reports())) {
                line(exchange, row);
            }
            return Map.of(DONE, "true");
        }
        PluginReport report = act(act, arguments.getOrDefault(ID, ""));
        line(exchange, report.line());
        if (act.equals("show")) {
            for (String hint : unusedOffers.get().getOrDefault(report.id(), List.of())) {
                line(exchange, "  " + hint);
            }
        }
        boolean done = switch (act) {
            case "start" -> report.state() == PluginState.STARTED;
            case "reload" -> report.state() == PluginState.STARTED && report.rejected() == null;
            case "stop" -> report.state() != PluginState.STARTED;
            default -> true;
        };
        return Map.of(DONE, Boolean.toString(done));
    }

    private PluginReport act(String act, String id) throws IOException {
        try {
            return switch (act) {
                case "show" -> plugins.report(id);
                case "start" -> plugins.start(id);
                case "stop" -> plugins.stop(id);
                case "reload" -> plugins.reload(id);
                default -> throw new OperationException("'" + act + "' is nothing to do with a plugin");
            };
        } catch (IllegalArgumentException e) {
            throw new OperationException(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the host is stopping");
        }
    }

    private static List<String> table(List<PluginReport> reports) {
        int id = reports.stream().mapToInt(report -> report.id().length()).max().orElse(0);
        int version = reports.stream()
                .mapToInt(report -> report.version().length())
                .max()
                .orElse(0);
        return reports.stream()
                .map(report -> pad(report.id(), id) + "  " + pad(report.version(), version) + "  "
                        + pad(report.state().name().toLowerCase(Locale.ROOT), 10) + "  " + report.source())
                .toList();
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static void line(Exchange exchange, String text) throws IOException {
        exchange.output(text.replace('\n', ' ').getBytes(StandardCharsets.UTF_8));
    }
}
