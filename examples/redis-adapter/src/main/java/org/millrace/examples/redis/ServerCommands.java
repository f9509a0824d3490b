package org.millrace.examples.redis;

import static org.millrace.examples.redis.CommandSpec.ANY;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.millrace.examples.redis.CommandSpec.Mode;
import org.millrace.spi.identity.Credentials;

/** PING, AUTH, HELLO and what clients ask of a server before they get to work. */
final class ServerCommands {
    /** What a client may send before it has shown who it is. */
    static final Set<String> BEFORE_LOGIN = Set.of("AUTH", "HELLO", "PING", "QUIT", "RESET");
    /** What a client of version 2 may send while it follows channels. */
    static final Set<String> WHILE_FOLLOWING =
            Set.of("SUBSCRIBE", "PSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "PING", "QUIT", "RESET");

    void addTo(Map<String, CommandSpec> commands) {
        commands.put("PING", CommandSpec.of(0, 1, Mode.READ, ServerCommands::ping));
        commands.put("ECHO", CommandSpec.of(1, 1, Mode.READ, (client, c) -> now(new Reply.Bulk(c.bytes(0)))));
        commands.put("QUIT", CommandSpec.of(0, ANY, Mode.ALONE, (client, c) -> {
            client.closeAfterReply();
            return now(Reply.OK);
        }));
        commands.put("SELECT", CommandSpec.of(1, 1, Mode.ALONE, ServerCommands::select));
        commands.put("AUTH", CommandSpec.of(1, 2, Mode.ALONE, ServerCommands::authenticate));
        commands.put("HELLO", CommandSpec.of(0, ANY, Mode.ALONE, ServerCommands::hello));
        commands.put("CLIENT", CommandSpec.of(1, ANY, Mode.ALONE, ServerCommands::client));
        commands.put("COMMAND", CommandSpec.of(0, ANY, Mode.READ, (client, c) -> now(new Reply.Items(List.of()))));
        commands.put("CONFIG", CommandSpec.of(1, ANY, Mode.READ, ServerCommands::config));
        commands.put("INFO", CommandSpec.of(0, ANY, Mode.READ, (client, c) -> now(Reply.bulk(info()))));
    }

    private static CompletionStage<Reply> now(Reply reply) {
        return CompletableFuture.completedStage(reply);
    }

    private static CompletionStage<Reply> ping(RedisConnection client, Command command) {
        if (client.version() == 2 && client.channels().count() > 0) {
            Reply echo = command.size() == 0 ? Reply.bulk("") : new Reply.Bulk(command.bytes(0));
            return now(new Reply.Items(List.of(Reply.bulk("pong"), echo)));
        }
        return now(command.size() == 0 ? new Reply.Simple("PONG") : new Reply.Bulk(command.bytes(0)));
    }

    private static CompletionStage<Reply> select(RedisConnection client, Command command) {
        return now(command.number(0) == 0 ? Reply.OK : new Reply.Failure("ERR DB index is out of range: there is 0"));
    }

    private static CompletionStage<Reply> authenticate(RedisConnection client, Command command) {
        boolean named = command.size() == 2;
        return client.login(new Credentials.Password(named ? command.text(0) : "default", command.text(named ? 1 : 0)))
                .thenApply(done -> Reply.OK);
    }

    private static CompletionStage<Reply> hello(RedisConnection client, Command command) {
        long version = command.size() == 0 ? client.version() : command.number(0);
        if (version != 2 && version != 3) {
            throw new RedisException("NOPROTO unsupported protocol version");
        }
        CompletionStage<Void> login = CompletableFuture.completedStage(null);
        for (int i = 1; i < command.size(); i++) {
            if (command.option(i).equals("AUTH") && i + 2 < command.size()) {
                login = client.login(new Credentials.Password(command.text(i + 1), command.text(i + 2)));
                i += 2;
            } else if (command.option(i).equals("SETNAME") && i + 1 < command.size()) {
                i++;
            } else {
                throw new RedisException("ERR syntax error in HELLO");
            }
        }
        return login.thenApply(done -> {
            client.requireLogin();
            client.speak((int) version);
            return new Reply.Pairs(List.of(
                    Reply.bulk("server"), Reply.bulk("millrace"),
                    Reply.bulk("version"), Reply.bulk("7.0.0"),
                    Reply.bulk("proto"), new Reply.Whole(version),
                    Reply.bulk("mode"), Reply.bulk("standalone"),
                    Reply.bulk("role"), Reply.bulk("master"),
                    Reply.bulk("modules"), new Reply.Items(List.of())));
        });
    }

    private static CompletionStage<Reply> client(RedisConnection client, Command command) {
        return switch (command.option(0)) {
            case "SETNAME", "SETINFO", "NO-EVICT", "NO-TOUCH" -> now(Reply.OK);
            case "GETNAME" -> now(Reply.NIL);
            default -> throw new RedisException("ERR CLIENT " + command.option(0) + " is not offered");
        };
    }

    /** The two settings tools ask for; nothing can be set. */
    private static CompletionStage<Reply> config(RedisConnection client, Command command) {
        if (!command.option(0).equals("GET")) {
            throw new RedisException("ERR the server is configured in its own file; CONFIG offers GET only");
        }
        Map<String, String> known = Map.of("save", "", "appendonly", "yes");
        List<Reply> pairs = new ArrayList<>();
        for (int i = 1; i < command.size(); i++) {
            Glob wanted = new Glob(command.text(i));
            known.forEach((name, value) -> {
                if (wanted.matches(name)) {
                    pairs.add(Reply.bulk(name));
                    pairs.add(Reply.bulk(value));
                }
            });
        }
        return now(new Reply.Pairs(pairs));
    }

    private static String info() {
        return "# Server\r\nredis_version:7.0.0\r\nserver_name:millrace\r\nredis_mode:standalone\r\n\r\n"
                + "# Persistence\r\naof_enabled:1\r\n\r\n# Replication\r\nrole:master\r\n";
    }
}
