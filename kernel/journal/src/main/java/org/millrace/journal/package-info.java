/**
 * The change journal: every accepted change of this node, in order. What it has acknowledged survives a power cut; all
 * other state of the node can be made from it.
 *
 * <p><b>Use.</b> {@link org.millrace.journal.Journal} has one writer thread, which appends a batch, writes it with one
 * call to the operating system, syncs it with one {@code fdatasync} and publishes it. Any number of
 * {@link org.millrace.journal.ChangeReader}s follow: the newest changes come from a ring in memory, older ones from the
 * files, and nothing is queued for anyone.
 *
 * <p><b>On disk</b> a journal is a directory of segments, each named after its first change. A segment is made ahead of
 * time, filled with zeros and synced, so that writing into it needs neither space nor metadata. It begins with a header
 * ({@code SegmentHeader}), has a seal once it is full ({@code SegmentSeal}), and holds frames ({@code Frame},
 * {@code EntryCodec}). What belongs to one transaction is in one segment.
 *
 * <p><b>What recovery may rely on</b> ({@code JournalRecovery}):
 * <ul>
 *   <li>A file gets a segment's name only after its header is on disk, and after all that went before it is. So only the
 *       last segment can have a torn end, and a file that is missing between two others is damage.
 *   <li>A checksum includes a salt of its segment, and an entry counts only where its seq is expected. Bytes of another
 *       file or of an earlier life of the same file are never taken for changes.
 *   <li>Each entry tells which seq was synced when it was written. If an entry cannot be read and an intact one behind
 *       it tells that it had been synced, this is damage and is reported; otherwise it is the torn end of what nobody
 *       was promised, and is dropped. A clean close leaves a mark that tells so of the last batch. Damage to the last
 *       batch before a crash has no such witness: the store finds it out, by having applied more than the journal holds.
 *   <li>What is dropped, or refused because the disk is full, is overwritten with zeros and synced before anything else
 *       is written, so it never comes back.
 *   <li>Segments are deleted oldest first, and each deletion is on disk before the next begins.
 * </ul>
 *
 * <p><b>Failure.</b> A full disk refuses a batch as a whole, and writing resumes when there is space. Any other failed
 * write or sync ends writing for good ({@link org.millrace.journal.JournalFailedException}): after a failed sync the
 * operating system may have dropped the pages, and would report a second sync as a success. Damage is
 * {@link org.millrace.journal.JournalCorruptException}, which says where and what can be done;
 * {@link org.millrace.journal.JournalVerifier} reads all of a journal and lists what it finds.
 *
 * <p>All access to files goes through {@link org.millrace.journal.JournalFiles}. The tests have one that remembers every
 * act, and makes the disks that a power cut at any moment may leave.
 */
@NullMarked
package org.millrace.journal;

import org.jspecify.annotations.NullMarked;
