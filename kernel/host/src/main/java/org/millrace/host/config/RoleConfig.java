package org.millrace.host.config;

import java.util.List;
import org.millrace.spi.plugin.Setting;

/**
 * What those who have a role may do. The role {@code admin} is built in and may do everything.
 *
 * @param name the role's name, as users refer to it
 * @param read topic filters of the records that may be read
 * @param write topic filters of the records that may be put, patched and deleted
 * @param publish topic filters of the paths events may be sent to
 * @param subscribe topic filters of the paths that may be followed
 */
public record RoleConfig(
        @Setting(doc = "the role's name, as users refer to it")
        String name,

        @Setting(doc = "topic filters of the records that may be read")
        List<String> read,

        @Setting(doc = "topic filters of the records that may be put, patched and deleted")
        List<String> write,

        @Setting(doc = "topic filters of the paths events may be sent to")
        List<String> publish,

        @Setting(doc = "topic filters of the paths that may be followed")
        List<String> subscribe) {}
