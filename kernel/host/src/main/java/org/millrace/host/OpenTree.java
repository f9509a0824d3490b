package org.millrace.host;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.millrace.host.config.HostConfig;
import org.millrace.host.config.TablesConfig;
import org.millrace.host.control.Operation;
import org.millrace.host.operation.BackupOperation;
import org.millrace.host.operation.ExportOperation;
import org.millrace.host.operation.ImportOperation;
import org.millrace.host.resources.CustomResources;
import org.millrace.host.resources.ResourceTree;
import org.millrace.host.resources.SystemResources;
import org.millrace.host.table.TableCatalog;
import org.millrace.host.transport.EventLoops;

/**
 * A data directory that is open, with the rules of its tables: what a host serves, and what the command line works on
 * when no host runs.
 *
 * @param loops serve connections
 * @param kernel journal and store
 * @param tables what is declared of tables
 * @param tree the records
 */
record OpenTree(EventLoops loops, Kernel kernel, TableCatalog tables, ResourceTree tree) {
    /**
     * Opens the data directory.
     *
     * @param config where and how
     * @param clock the time
     * @param parts remembers what was opened, also if this fails half way
     * @throws IOException if the journal cannot be opened
     */
    static OpenTree open(HostConfig config, Clock clock, OpenParts parts) throws IOException {
        // Opened first, so closed last: completions of the store's last writes still have their loops.
        EventLoops loops = parts.add("event loops", EventLoops.open(config.eventLoops()));
        Kernel kernel = Kernel.open(config, clock, parts);
        TableCatalog tables = new TableCatalog(config.tables().create() == TablesConfig.Creation.DECLARED, clock);
        ResourceTree tree = new ResourceTree(
                kernel.store(),
                kernel.journal(),
                kernel.subscriptions(),
                kernel.formats(),
                kernel.system(),
                tables,
                new CustomResources(config.plugins().resourceTimeout()),
                loops.group(),
                kernel.queries(),
                config.queries().limits(),
                config.limits().path().toIntSaturated());
        return new OpenTree(loops, kernel, tables, tree);
    }

    SystemResources system() {
        return kernel.system();
    }

    /** What the command line can ask for while this is open. */
    List<Operation> operations(Clock clock) {
        return List.of(
                new BackupOperation(kernel.store(), kernel.journal(), clock, SystemReport.version()),
                new ExportOperation(kernel.store()),
                new ImportOperation(tree, kernel.formats(), HostServices.COMPLETIONS, clock));
    }
}
