package org.millrace.journal;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The reader of {@link Journal#read}. */
final class JournalReader implements ChangeReader {
    private static final Logger LOG = LoggerFactory.getLogger(JournalReader.class);
    private static final int BUFFER = 64 * 1024;

    private final Source source;
    private long position;
    private @Nullable Segment segment;
    private @Nullable JournalFile file;
    private @Nullable FrameReader frames;
    private boolean closed;

    JournalReader(Source source, long afterSeq) {
        this.source = source;
        this.position = afterSeq;
    }

    /**
     * What readers share.
     *
     * @param node the journal's node
     * @param ring recent changes
     * @param segments all segments
     * @param files the file system
     * @param contents makes contents
     * @param publishedSeq how far readers may see
     * @param closed whether the journal was closed
     */
    record Source(
            long node,
            ChangeRing ring,
            Segments segments,
            JournalFiles files,
            ContentDecoder contents,
            LongSupplier publishedSeq,
            BooleanSupplier closed) {}

    @Override
    public @Nullable Change next() {
        if (closed) {
            throw new IllegalStateException("this reader is closed");
        }
        long seq = position + 1;
        if (seq > source.publishedSeq().getAsLong()) {
            return null;
        }
        @Nullable Change change = source.ring().get(seq);
        if (change != null) {
            release();
        } else {
            change = readSegment(seq);
        }
        position = seq;
        return change;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public void close() {
        closed = true;
        release();
    }

    private Change readSegment(long seq) {
        if (source.closed().getAsBoolean()) {
            throw new ResourceException(ErrorCode.UNAVAILABLE, "the host is stopping");
        }
        try {
            FrameReader at = frames;
            Segment in = segment;
            if (at == null || in == null || seq > in.lastSeq()) {
                release();
                in = source.segments().find(seq);
                if (in == null) {
                    throw expired(seq);
                }
                at = enter(in, seq);
            }
            if (in.isDeleted()) {
                throw expired(seq);
            }
            return walkTo(seq, in, at);
        } catch (IOException e) {
            Segment in = segment;
            release();
            if (in != null && in.isDeleted()) {
                throw expired(seq);
            }
            LOG.warn("cannot read change {} from journal file {}; check the disk", seq, in == null ? "" : in.file(), e);
            throw new ResourceException(
                    ErrorCode.UNAVAILABLE, "change " + seq + " cannot be read from the journal's disk", e);
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    private FrameReader enter(Segment in, long seq) throws IOException {
        segment = in;
        JournalFile opened = source.files().openReadOnly(in.file());
        file = opened;
        FrameReader at = new FrameReader(opened, in.header(), BUFFER);
        at.seek(in.index().offsetBefore(seq));
        frames = at;
        return at;
    }

    private Change walkTo(long seq, Segment in, FrameReader at) throws IOException {
        while (true) {
            FrameReader.State state = at.load();
            if (state != FrameReader.State.VALID) {
                // The buffer may have been filled before this was written. What is published is in the file.
                state = at.reload();
            }
            if (state != FrameReader.State.VALID || (!at.isMark() && (!at.isChange() || at.seq() > seq))) {
                throw corrupt(in, at.offset(), seq, "the entry there is not what was written");
            }
            if (at.isMark() || at.seq() < seq) {
                if (!at.isMark()) {
                    in.index().note(at.seq(), at.offset());
                }
                at.next();
                continue;
            }
            in.index().note(seq, at.offset());
            Change change = decode(in, at);
            at.next();
            return change;
        }
    }

    private Change decode(Segment in, FrameReader at) {
        try {
            return EntryCodec.decode(at.buffer(), at.at(), source.node(), source.contents());
        } catch (RuntimeException e) {
            JournalCorruptException corrupt = corrupt(
                    in,
                    at.offset(),
                    at.seq(),
                    "the entry's checksum is right, but this host cannot read it (" + e
                            + "); a newer one may have written it");
            corrupt.addSuppressed(e);
            throw corrupt;
        }
    }

    private static JournalCorruptException corrupt(Segment in, long offset, long seq, String problem) {
        JournalCorruptException corrupt =
                new JournalCorruptException(new Damage(in.file(), offset, seq, problem, Damage.REMEDY));
        LOG.error("{}", corrupt.getMessage());
        return corrupt;
    }

    private ResourceException expired(long seq) {
        return expired(seq, source.segments().firstSeq());
    }

    static ResourceException expired(long seq, long firstSeq) {
        return new ResourceException(
                ErrorCode.EXPIRED_CURSOR,
                "change " + seq + " is no longer kept, the oldest is " + firstSeq + "; start from the current state");
    }

    private void release() {
        JournalFile open = file;
        file = null;
        frames = null;
        segment = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.warn(
                        "cannot close a journal file after reading: {}; if this repeats, check the limit of open files",
                        e.toString());
            }
        }
    }
}
