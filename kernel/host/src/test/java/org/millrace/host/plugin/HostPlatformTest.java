package org.millrace.host.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HostPlatformTest {
    @Test
    void theNamesAreThoseOfMavensClassifiers() {
        assertThat(HostPlatform.of("Linux", "amd64")).hasToString("linux-x86_64");
        assertThat(HostPlatform.of("Mac OS X", "aarch64")).hasToString("osx-aarch_64");
        assertThat(HostPlatform.of("Windows Server 2025", "amd64")).hasToString("windows-x86_64");
        assertThat(HostPlatform.of("Linux", "riscv64")).hasToString("linux-riscv64");
    }

    @Test
    void aListNamesItWholeOrByItsSystemAlone() {
        HostPlatform platform = HostPlatform.of("Linux", "aarch64");
        assertThat(platform.isAmong("linux-x86_64, linux-aarch_64")).isTrue();
        assertThat(platform.isAmong("osx,linux")).isTrue();
        assertThat(platform.isAmong("linux-x86_64")).isFalse();
        assertThat(platform.isAmong("")).isFalse();
    }
}
