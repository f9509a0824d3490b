package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.millrace.plugin.mqtt.delivery.GroupKey;
import org.millrace.plugin.mqtt.delivery.GroupState;
import org.millrace.plugin.mqtt.delivery.GroupStore;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.ResourceException;

/**
 * Where groups are in the plugin's store: {@code group/<name>} is how far one is, and {@code member/<name>/<session>} is
 * there for each of its members. Safe for use by any thread.
 */
public final class SharedStore implements GroupStore {
    private static final String GROUP = "group/";
    private static final String MEMBER = "member/";
    private static final byte[] NOTHING = {};

    private final PluginContext context;
    private final SessionStore store;

    /**
     * Makes it.
     *
     * @param context keeps the groups
     */
    public SharedStore(PluginContext context) {
        this.context = context;
        this.store = new SessionStore(context);
    }

    @Override
    public String newName() {
        return store.newGeneration(context.clock().millis());
    }

    @Override
    public CompletionStage<Void> save(String name, GroupKey key, GroupState state) {
        return noting(store.put(GROUP + name, GroupCodec.group(key, state)));
    }

    @Override
    public CompletionStage<Void> remove(String name) {
        return noting(store.remove(GROUP + name));
    }

    @Override
    public CompletionStage<Void> join(String name, String session) {
        return noting(store.put(member(name, session), NOTHING));
    }

    @Override
    public CompletionStage<Void> leave(String name, String session) {
        return noting(store.remove(member(name, session)));
    }

    private static String member(String name, String session) {
        return MEMBER + name + "/" + session;
    }

    private CompletionStage<Void> noting(CompletionStage<Void> stage) {
        stage.whenComplete((done, failure) -> {
            if (failure != null) {
                context.log().log(
                        Level.WARNING,
                        "could not keep an mqtt shared subscription: {0}; after a restart it is as it was before",
                        failure.getMessage());
            }
        });
        return stage;
    }

    @Override
    public void readAll(Reader groups) {
        Map<String, Set<String>> members = new HashMap<>();
        store.forEach(MEMBER, (key, value) -> {
            int slash = key.indexOf('/', MEMBER.length());
            members.computeIfAbsent(key.substring(MEMBER.length(), slash), name -> new HashSet<>())
                    .add(key.substring(slash + 1));
        });
        Map<String, byte[]> states = new HashMap<>();
        store.forEach(GROUP, states::put);
        states.forEach((key, value) -> {
            String name = key.substring(GROUP.length());
            Set<String> sessions = members.remove(name);
            try {
                GroupCodec.group(
                        value,
                        (group, state) -> groups.group(name, group, state, sessions == null ? Set.of() : sessions));
            } catch (IllegalArgumentException | ResourceException e) {
                context.log().log(
                        Level.WARNING,
                        "an mqtt shared subscription begins anew, for what is kept of it under ''{0}'' cannot be read:"
                                + " {1}",
                        key,
                        e.getMessage());
            }
        });
        members.forEach((name, sessions) -> sessions.forEach(session -> store.remove(member(name, session))));
    }
}
