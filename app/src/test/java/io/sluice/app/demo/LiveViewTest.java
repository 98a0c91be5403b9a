package io.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LiveViewTest {

    private static Progress progress(long atMillis, long rows, long lagMillis) {
        return new Progress(
                atMillis,
                List.of(
                        new Progress.Service("api-gateway", 1, 100, rows, lagMillis),
                        new Progress.Service("analytics", 2, 50, 0, -1)));
    }

    @Test
    void aTerminalSeesATableThatIsDrawnOverItself() {
        LiveView view = new LiveView(true);
        String first = view.render(progress(0, 1_000, -1), 0);
        String second = view.render(progress(2_000, 5_000, 1_234), 77);
        assertThat(first).doesNotContain("\u001b").contains("api-gateway").contains("1,000");
        assertThat(second)
                .startsWith("\u001b[4A\u001b[J")
                .containsPattern("api-gateway +1 +100 % +5,000 +2,000 +1\\.2 s")
                .contains("meanwhile: 77");
        view.forgetDrawing();
        assertThat(view.render(progress(3_000, 5_000, 5), 77))
                .doesNotContain("\u001b")
                .contains("5 ms");
    }

    @Test
    void elsewhereEachLookIsOneLine() {
        LiveView view = new LiveView(false);
        view.render(progress(0, 0, -1), 0);
        assertThat(view.render(progress(500, 2_000, 40), 3))
                .isEqualToIgnoringNewLines(
                        "snapshot 75 %, 2,000 rows written, 4,000 rows/s, lag 40 ms, 3 changes made");
    }
}
