package org.millrace.host.resources;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.host.table.RecordSchema;
import org.millrace.host.table.TableCatalog;
import org.millrace.query.RecordSource;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.store.WriteRequest;

/**
 * Looks whether the records of a table fulfil a schema before it is declared, slice by slice on the queries' threads;
 * new records are held to it meanwhile. Then the definition is written, or refused with the first offenders.
 */
final class SchemaCheck implements Runnable, WriteRequest.Outcome {
    private static final int SLICE_RECORDS = 256;
    private static final int SHOWN = 3;

    private final TableCatalog tables;
    private final Path definition;
    private final RecordSchema schema;
    private final RecordSource records;
    private final Consumer<WriteRequest.Outcome> write;
    private final WriteRequest.Outcome client;

    /** A check that ends with {@code write}, which submits the definition, or with the client's refusal. */
    SchemaCheck(
            TableCatalog tables,
            Path definition,
            RecordSchema schema,
            RecordSource records,
            Consumer<WriteRequest.Outcome> write,
            WriteRequest.Outcome client) {
        this.tables = tables;
        this.definition = definition;
        this.schema = schema;
        this.records = records;
        this.write = write;
        this.client = client;
    }

    @Override
    public void run() {
        try {
            checkAll();
            write.accept(this);
        } catch (RuntimeException e) {
            refused(ResourceException.from(e));
        }
    }

    private void checkAll() {
        long count = 0;
        long refused = 0;
        List<String> first = new ArrayList<>();
        @Nullable Path after = null;
        for (List<Entry> slice = records.read(after, SLICE_RECORDS);
                !slice.isEmpty();
                slice = records.read(after, SLICE_RECORDS)) {
            for (Entry entry : slice) {
                count++;
                try {
                    schema.check(entry.path(), entry.content());
                } catch (ResourceException e) {
                    refused++;
                    if (first.size() < SHOWN) {
                        first.add(e.getMessage());
                    }
                }
            }
            after = slice.getLast().path();
        }
        if (refused > 0) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "'" + definition + "': " + refused + " of " + count
                            + " records do not fulfil the schema; correct or delete them first. "
                            + String.join("; ", first));
        }
    }

    @Override
    public void committed(List<Commit> commits) {
        tables.withdraw(definition);
        client.committed(commits);
    }

    @Override
    public void refused(ResourceException reason) {
        tables.withdraw(definition);
        client.refused(reason);
    }
}
