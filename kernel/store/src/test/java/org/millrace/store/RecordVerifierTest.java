package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.store.TestNode.FORMATS;
import static org.millrace.store.TestNode.delete;
import static org.millrace.store.TestNode.patch;
import static org.millrace.store.TestNode.path;
import static org.millrace.store.TestNode.publish;
import static org.millrace.store.TestNode.put;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.StoppedJournal;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.kv.LmdbKv;
import org.millrace.store.kv.Tree;

class RecordVerifierTest {
    private static final String LONG = "t/" + "x".repeat(600);

    @TempDir
    Path directory;

    @BeforeEach
    void writeSomething() {
        WriteOptions expiring = WriteOptions.DEFAULT.withExpiresAt(Instant.now().plusSeconds(3_600));
        try (TestNode node = TestNode.open(directory)) {
            for (int i = 0; i < 200; i++) {
                node.write(put("t/" + i, "{\"n\":" + i + "}"), publish("e/" + i, "1"));
            }
            node.write(put("t/soon", "1", expiring), put(LONG, "2"), put("t/gone", "3"));
            node.write(delete("t/gone"), patch("t/7", "{\"m\":8}"));
        }
    }

    private RecordVerifier.Outcome verify() throws IOException {
        StoppedJournal journal =
                StoppedJournal.open(directory.resolve("journal"), JournalFiles.system(), FORMATS::trusted);
        return new RecordVerifier(directory, journal, line -> {}).verify();
    }

    /** Alters the map behind the store's back. */
    private void alter(LmdbKv.WriteWork work) {
        try (LmdbKv kv = LmdbKv.open(directory.resolve("records"), 64 << 20)) {
            kv.write(work);
        }
    }

    private List<String> faults() throws IOException {
        RecordVerifier.Outcome found = verify();
        assertThat(found.faultCount()).isEqualTo(found.faults().size());
        return found.faults().stream()
                .map(fault -> fault.place() + ": " + fault.problem())
                .toList();
    }

    private static byte[] key(String path) {
        return RecordKey.of(path(path));
    }

    @Test
    void whatTheStoreWroteIsFoundInOrder() throws IOException {
        RecordVerifier.Outcome found = verify();
        assertThat(found.faults()).isEmpty();
        assertThat(found.records()).isEqualTo(202);
        assertThat(found.changes()).isEqualTo(405);
    }

    @Test
    void changesThatAreNotYetAppliedAreNoFault() throws IOException {
        TestNode node = TestNode.open(directory);
        node.write(put("t/late", "1"));
        node.crash();
        assertThat(verify().faults()).isEmpty();
    }

    @Test
    void aMissingRecordIsNamed() throws IOException {
        alter(tx -> tx.delete(Tree.RECORDS, key("t/5")));
        assertThat(faults()).singleElement().asString().contains("'t/5'", "missing", "change 11 ");
    }

    @Test
    void aRecordThatShouldBeGoneIsNamed() throws IOException {
        alter(tx -> copy(tx, "t/5", "t/gone"));
        assertThat(faults()).anyMatch(fault -> fault.contains("'t/gone'") && fault.contains("removed it"));
    }

    @Test
    void aRecordUnderAStrangePathIsNamed() throws IOException {
        alter(tx -> copy(tx, "t/5", "t/stranger"));
        assertThat(faults())
                .singleElement()
                .asString()
                .contains("'t/stranger'", "change 11 made it", "which the journal has for 't/5'");
    }

    @Test
    void anAlteredContentIsFound() throws IOException {
        alter(tx -> {
            ByteBuffer old = tx.get(Tree.RECORDS, key("t/5"));
            byte[] bytes = new byte[old.remaining()];
            old.get(bytes);
            bytes[bytes.length - 2] = '6';
            tx.put(Tree.RECORDS, key("t/5"), bytes.length).put(bytes);
        });
        assertThat(faults()).singleElement().asString().contains("'t/5'", "differs from change 11 of the journal");
    }

    @Test
    void aContentThatIsNoJsonIsFound() throws IOException {
        alter(tx -> {
            ByteBuffer old = tx.get(Tree.RECORDS, key("t/5"));
            byte[] bytes = new byte[old.remaining()];
            old.get(bytes);
            bytes[bytes.length - 1] = 'x';
            tx.put(Tree.RECORDS, key("t/5"), bytes.length).put(bytes);
        });
        assertThat(faults()).anyMatch(fault -> fault.contains("'t/5'") && fault.contains("content is damaged"));
    }

    @Test
    void anIndexOfExpiryTimesThatLacksARecordIsFound() throws IOException {
        alter(tx -> {
            long time = RecordCodec.expiryMillis(tx.get(Tree.RECORDS, key("t/soon")));
            tx.delete(Tree.EXPIRY, RecordTree.expiryKey(time, key("t/soon")));
            tx.put(Tree.EXPIRY, RecordTree.expiryKey(5, key("t/5")), 0);
            tx.put(Tree.EXPIRY, RecordTree.expiryKey(6, key("t/nothing")), 0);
        });
        assertThat(faults())
                .hasSize(3)
                .anyMatch(fault -> fault.contains("'t/soon'") && fault.contains("lacks"))
                .anyMatch(fault -> fault.contains("'t/5'") && fault.contains("at another time"))
                .anyMatch(fault -> fault.contains("'t/nothing'") && fault.contains("no such record"));
    }

    @Test
    void aFileThatIsCutOffIsNotRead() throws IOException {
        try (FileChannel file =
                FileChannel.open(directory.resolve("records").resolve("data.mdb"), StandardOpenOption.WRITE)) {
            file.truncate(file.size() / 2);
        }
        assertThat(faults()).singleElement().asString().contains("is cut off");
    }

    @Test
    void aRecordsFileThatIsNoneIsReported() throws IOException {
        try (FileChannel file =
                FileChannel.open(directory.resolve("records").resolve("data.mdb"), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[8_192]), 0);
        }
        assertThat(faults()).singleElement().asString().contains("cannot open the records");
    }

    private static void copy(org.millrace.store.kv.KvTransaction tx, String from, String to) {
        ByteBuffer old = tx.get(Tree.RECORDS, key(from));
        byte[] bytes = new byte[old.remaining()];
        old.get(bytes);
        tx.put(Tree.RECORDS, key(to), bytes.length).put(bytes);
    }
}
