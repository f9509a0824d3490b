package org.millrace.host.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginTemplateTest {
    @TempDir
    Path home;

    @TempDir
    Path work;

    @BeforeEach
    void writeTemplate() throws IOException {
        Path template = home.resolve("templates/plugin");
        Path source = template.resolve("src/main/java/com/example/greeter/GreeterPlugin.java");
        Files.createDirectories(source.getParent());
        Files.writeString(source, "package com.example.greeter;\nclass GreeterPlugin { String id = \"greeter\"; }\n");
        Files.writeString(template.resolve("pom.xml"), "<millrace.home>elsewhere</millrace.home> greeter.jar\n");
    }

    @Test
    void theNewPluginsNamesTakeThePlaceOfTheTemplates() throws IOException {
        Path folder = work.resolve("new");

        assertThat(PluginTemplate.named(home, "my-greeter", "org.acme.greeter.wire")
                        .write(folder))
                .containsExactly(
                        Path.of("pom.xml"), Path.of("src/main/java/org/acme/greeter/wire/MyGreeterPlugin.java"));

        assertThat(folder.resolve("src/main/java/org/acme/greeter/wire/MyGreeterPlugin.java"))
                .hasContent("package org.acme.greeter.wire;\nclass MyGreeterPlugin { String id = \"my-greeter\"; }\n");
        assertThat(folder.resolve("pom.xml"))
                .hasContent("<millrace.home>" + home.toAbsolutePath() + "</millrace.home> my-greeter.jar\n");
    }

    @Test
    void withoutAPackageItIsNamedLikeThePlugin() throws IOException {
        assertThat(PluginTemplate.named(home, "my-wire", "").write(work))
                .contains(Path.of("src/main/java/com/example/mywire/MyWirePlugin.java"));
    }

    @Test
    void aFolderThatHoldsSomethingIsLeftAlone() throws IOException {
        Path mine = Files.writeString(work.resolve("pom.xml"), "mine");
        PluginTemplate template = PluginTemplate.named(home, "wire", "");

        assertThatThrownBy(() -> template.write(work)).isInstanceOf(DirectoryNotEmptyException.class);
        assertThat(mine).hasContent("mine");
    }

    @Test
    void namesThatCannotBeUsedAreRefused() {
        assertThatThrownBy(() -> PluginTemplate.named(home, "My Wire", ""))
                .hasMessage("'My Wire' is no plugin id: use lower case letters, digits and hyphens, beginning with a"
                        + " letter");
        assertThatThrownBy(() -> PluginTemplate.named(home, "wire", "org.Acme-2"))
                .hasMessageStartingWith("'org.Acme-2' is no package");
    }
}
