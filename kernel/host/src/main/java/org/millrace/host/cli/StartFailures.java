package org.millrace.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.millrace.host.plugin.PluginHostException;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Tells why a command failed, in one block and without a stack trace, which only the log shows, at level debug. */
final class StartFailures implements IExecutionExceptionHandler {
    StartFailures() {}

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult arguments) {
        PrintWriter err = command.getErr();
        String name = command.getCommandSpec().qualifiedName();
        if (failure instanceof ConfigurationException e) {
            List<String> problems = e.problems();
            err.println(name + ": the configuration has "
                    + (problems.size() == 1 ? "a problem:" : problems.size() + " problems:"));
            problems.forEach(problem -> err.println("  " + problem));
            err.flush();
            return Millrace.USAGE;
        }
        Logger log = LoggerFactory.getLogger("millrace");
        err.println(name + ": " + text(failure));
        if (!log.isDebugEnabled() && command.getCommandSpec().findOption("--set") != null) {
            err.println("  (--set log.level=debug shows more)");
        }
        err.flush();
        log.debug("{} failed", name, failure);
        return Millrace.FAILED;
    }

    /** The message alone where its author wrote it for people; otherwise the type and causes as well. */
    private static String text(Throwable failure) {
        String message = failure.getMessage();
        boolean meantForPeople = failure instanceof IOException
                || failure instanceof ResourceException
                || failure instanceof PluginHostException
                || failure.getClass().getName().startsWith("org.millrace.");
        if (meantForPeople && message != null) {
            return message.replace(System.lineSeparator(), System.lineSeparator() + "  ");
        }
        StringBuilder text = new StringBuilder(failure.toString());
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            text.append(System.lineSeparator()).append("  caused by ").append(cause);
        }
        return text.toString();
    }
}
