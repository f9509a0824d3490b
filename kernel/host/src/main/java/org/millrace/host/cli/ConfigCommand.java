package org.millrace.host.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.millrace.host.config.Configuration;
import org.millrace.host.config.EffectiveValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what a host would go by, in the form of a configuration file. */
@Command(
        name = "config",
        description = {
            "Print the configuration a host would go by, and where each value was set.",
            "Of plugins, the keys that are set; secrets are masked."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ConfigCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions options = new ConfigurationOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    ConfigCommand() {}

    @Override
    public Integer call() {
        Configuration configuration = options.load(System.getenv(), System.getProperty("millrace.home"));
        PrintWriter out = spec.commandLine().getOut();
        List<EffectiveValue> values = configuration.effective();
        int width = values.stream()
                .mapToInt(value -> value.key().length() + value.value().length() + 2)
                .filter(length -> length <= 48)
                .max()
                .orElse(0);
        for (EffectiveValue value : values) {
            String line = value.key() + ": " + (value.value().isEmpty() ? "\"\"" : value.value());
            out.println(line + " ".repeat(Math.max(0, width - line.length())) + "  # " + value.origin());
        }
        return Millrace.OK;
    }
}
