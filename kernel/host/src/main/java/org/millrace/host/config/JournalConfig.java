package org.millrace.host.config;

import java.time.Duration;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.Setting;

/**
 * The change journal's files and how long they are kept.
 *
 * @param segmentSize one file's size
 * @param retainSize sealed segments beyond this size are removed, oldest first
 * @param retainAge sealed segments older than this are removed
 * @param hardCap the size beyond which files are removed even if a durable cursor or a table's history needs them
 * @param ringCapacity how many of the newest changes stay in memory for subscribers
 */
public record JournalConfig(
        @Setting(value = "64MiB", min = 1L << 20, max = 1L << 30, doc = "size of one journal file, preallocated")
        ByteSize segmentSize,

        @Setting(value = "1GiB", min = 1L << 20, doc = "journal kept for resuming subscribers; older files are removed")
        ByteSize retainSize,

        @Setting(value = "7d", min = 1000, doc = "age after which a journal file is removed")
        Duration retainAge,

        @Setting(
                value = "16GiB",
                min = 1L << 20,
                doc = "journal size at which files are removed although a durable subscriber or a table's history"
                        + " needs them; cursors further back then expire")
        ByteSize hardCap,

        @Setting(value = "65536", min = 1024, max = 1 << 24, doc = "newest changes kept in memory for live subscribers")
        int ringCapacity) {}
