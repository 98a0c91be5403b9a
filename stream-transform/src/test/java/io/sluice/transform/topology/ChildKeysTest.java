package io.sluice.transform.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChildKeysTest {

    private static byte[] key(int schema, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] key = new byte[5 + bytes.length];
        key[3] = (byte) (schema >>> 8);
        key[4] = (byte) schema;
        System.arraycopy(bytes, 0, key, 5, bytes.length);
        return key;
    }

    private static List<byte[]> keys(int schema, Set<String> texts) {
        List<byte[]> keys =
                new ArrayList<>(texts.stream().map(text -> key(schema, text)).toList());
        Collections.shuffle(keys, new Random(texts.hashCode()));
        return keys;
    }

    private static List<String> texts(List<byte[]> keys) {
        return keys.stream()
                .map(key -> new String(key, 5, key.length - 5, StandardCharsets.UTF_8))
                .toList();
    }

    private static byte @Nullable [] entry(int schema, Set<String> texts) {
        return ChildKeys.encode(keys(schema, texts));
    }

    @Property(tries = 300)
    void whatIsGoneIsWhatWasThereAndIsNot(
            @ForAll @Size(max = 20) Set<@StringLength(max = 3) String> before,
            @ForAll @Size(max = 20) Set<@StringLength(max = 3) String> now) {
        Set<String> expected = new TreeSet<>(before);
        expected.removeAll(now);

        List<byte[]> gone = ChildKeys.gone(entry(7, before), entry(300, now));

        assertThat(texts(gone)).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(gone).allSatisfy(key -> assertThat(key).startsWith(0, 0, 0, 0, 7));
    }

    @Property(tries = 100)
    void everyKeyComesBackAsItWas(@ForAll @Size(max = 30) Set<@StringLength(max = 200) String> keys) {
        assertThat(texts(ChildKeys.gone(entry(1, keys), null))).containsExactlyInAnyOrderElementsOf(keys);
    }

    @Test
    void equalSetsGiveEqualBytesInWhateverOrderTheyCome() {
        List<byte[]> keys = keys(1, Set.of("a", "ab", "b", ""));
        byte[] entry = ChildKeys.encode(new ArrayList<>(keys));
        Collections.reverse(keys);

        assertThat(ChildKeys.encode(keys)).isEqualTo(entry);
        assertThat(ChildKeys.encode(new ArrayList<>())).isNull();
        assertThat(ChildKeys.gone(null, entry)).isEmpty();
    }

    @Test
    void siblingsTakeAFewBytesEach() {
        String parent = "b7c1f0de-9a4e-4f51-8f7e-2f4b5c1d9e10";
        List<byte[]> keys = new ArrayList<>(IntStream.range(0, 1000)
                .mapToObj(i -> key(1, parent + (char) (1 + i / 100) + (char) (1 + i % 100)))
                .toList());

        assertThat(ChildKeys.encode(keys)).hasSizeLessThan(4 * 1000);
    }

    @Test
    void anEntryOfALaterVersionIsNotGuessedAt() {
        assertThatThrownBy(() -> ChildKeys.gone(new byte[] {2, 0, 0, 0, 1}, null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("later version");
    }
}
