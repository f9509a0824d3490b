package org.millrace.host.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.host.config.AuthConfig;
import org.millrace.host.config.RoleConfig;
import org.millrace.host.config.TokenConfig;
import org.millrace.host.config.UserConfig;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.resource.Path;

class AccessTest {
    private static RoleConfig role(String name, String... read) {
        return new RoleConfig(name, List.of(read), List.of(), List.of(), List.of());
    }

    @Test
    void usersGetWhatTheirRolesSay() {
        Access access = Access.of(new AuthConfig(
                false,
                List.of(new UserConfig("alice", "wonderland", List.of("reader"))),
                List.of(role("reader", "a/#", "b")),
                List.of()));

        Identity alice = new Identity("alice", access.users().getFirst().roles());
        assertThat(access.isConfigured()).isTrue();
        assertThat(access.control().grants(alice).allows(Act.READ, Path.of("b")))
                .isTrue();
        assertThat(access.control().grants(alice).allows(Act.WRITE, Path.of("b")))
                .isFalse();
    }

    @Test
    void everythingThatIsWrongIsReportedTogether() {
        AuthConfig config = new AuthConfig(
                false,
                List.of(
                        new UserConfig("alice", "", List.of()),
                        new UserConfig("bob", "$pbkdf2-sha256$x", List.of("reeder")),
                        new UserConfig("bob", "b", List.of())),
                List.of(role("reader", "a/#/b"), role("admin"), role("reader")),
                List.of(
                        new TokenConfig("ci", "short", List.of()),
                        new TokenConfig("ci", "$sha256$x", List.of()),
                        new TokenConfig("", "x", List.of()),
                        new TokenConfig("a", "0123456789abcdef01234567", List.of("reeder")),
                        new TokenConfig("b", "0123456789abcdef01234567", List.of())));

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Access.of(config))
                .satisfies(e -> assertThat(e.problems())
                        .hasSize(12)
                        .anyMatch(text -> text.contains("'ci'") && text.contains("guessed"))
                        .anyMatch(text -> text.contains("'ci'") && text.contains("malformed hash"))
                        .anyMatch(text -> text.contains("a token has no name"))
                        .anyMatch(text -> text.contains("token of 'a'") && text.contains("reeder"))
                        .anyMatch(text -> text.contains("token of 'b' is there twice"))
                        .anyMatch(text -> text.contains("'alice'") && text.contains("empty password"))
                        .anyMatch(text -> text.contains("'bob'") && text.contains("malformed hash"))
                        .anyMatch(text -> text.contains("'reeder'"))
                        .anyMatch(text -> text.contains("'bob' is there twice"))
                        .anyMatch(text -> text.contains("'a/#/b'"))
                        .anyMatch(text -> text.contains("built in"))
                        .anyMatch(text -> text.contains("'reader' is there twice")));
    }
}
