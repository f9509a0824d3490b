package org.millrace.content;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value while it is patched: opened where the patch reaches in, a {@link Slice} everywhere else. */
sealed interface PatchNode permits Slice, PatchNode.Struct, PatchNode.Array {
    /** An opened map. */
    record Struct(Map<String, Member> members) implements PatchNode {
        Struct() {
            this(new LinkedHashMap<>());
        }
    }

    /** An opened array. */
    record Array(List<PatchNode> items) implements PatchNode {
        Array() {
            this(new ArrayList<>());
        }
    }

    /**
     * A map's member.
     *
     * @param name the name as it was written, for names that are no text; null to write it as text
     * @param value what it holds
     */
    record Member(@Nullable Slice name, PatchNode value) {}
}
