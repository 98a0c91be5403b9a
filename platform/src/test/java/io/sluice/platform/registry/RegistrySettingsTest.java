package io.sluice.platform.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.platform.error.BadInputException;
import io.sluice.platform.tls.TlsFiles;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegistrySettingsTest {

    @Test
    void anAddressMayHaveAPathAndSeveralMayFollowOneAnother() {
        RegistrySettings settings = RegistrySettings.of("https://a:8081/apis/ccompat/v7/, http://b");

        assertThat(settings.urls())
                .containsExactly(URI.create("https://a:8081/apis/ccompat/v7"), URI.create("http://b"));
        assertThat(settings.credentials()).isEqualTo(RegistryCredentials.none());
    }

    @Test
    void credentialsInAnAddressBecomeBasicOnesAndLeaveTheAddress() {
        RegistrySettings settings = RegistrySettings.of("https://al%40ice:p%3Aw%2F@host:1/x,https://other");

        assertThat(settings.urls()).containsExactly(URI.create("https://host:1/x"), URI.create("https://other"));
        assertThat(settings.credentials()).isEqualTo(new RegistryCredentials.Basic("al@ice", "p:w/"));
        assertThatThrownBy(() -> new RegistrySettings(
                        List.of(URI.create("http://u:hidden@h")),
                        RegistryCredentials.none(),
                        null,
                        RegistrySettings.Patience.standard(),
                        1,
                        1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("hidden");
    }

    @Test
    void aWrongAddressIsRefusedWithoutQuotingIt() {
        for (String wrong : List.of(
                "",
                "ftp://u:hidden@host",
                "host:8081/hidden",
                "http://u:hidden@ho st",
                "http:///hidden",
                "http://h/?hidden",
                "http://:hidden@host",
                "http://good,hidden")) {
            assertThatThrownBy(() -> RegistrySettings.of(wrong))
                    .as(wrong)
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("REGISTRY_URL_INVALID")
                    .hasMessageNotContaining("hidden");
        }
    }

    @Test
    void nothingPrintsASecret() {
        TlsFiles tls = new TlsFiles(
                new TlsFiles.StoreFile(Path.of("trust.p12"), "PKCS12", "hidden"),
                new TlsFiles.PemIdentity(Path.of("c.pem"), Path.of("k.pem"), "hidden"));

        assertThat(RegistrySettings.of("http://u:hidden@h").withTls(tls).toString())
                .contains("trust.p12", "k.pem", "user=u")
                .doesNotContain("hidden");
        assertThat(new RegistryCredentials.Bearer("hidden").toString()).doesNotContain("hidden");
        assertThatThrownBy(() -> new RegistryCredentials.Bearer("hidden\n")).hasMessageNotContaining("hidden");
    }
}
