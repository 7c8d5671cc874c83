package dev.cairn.checkpoint.commit;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32C;

/** Any bytes as a manifest, and any JSON whose checksum is right (S65). */
class ManifestFuzzTest {

  @FuzzTest(maxDuration = "10s")
  void anyBytes(byte[] data) throws IOException {
    check(data);
    // The checksum is what a fuzzer cannot guess: the same bytes with a right one.
    byte[] tail = "  \"crc32c\" : \"00000000\"\n}\n".getBytes(StandardCharsets.UTF_8);
    byte[] whole = Arrays.copyOf(data, data.length + tail.length);
    System.arraycopy(tail, 0, whole, data.length, tail.length);
    CRC32C crc = new CRC32C();
    crc.update(whole);
    byte[] digits =
        String.format(Locale.ROOT, "%08x", crc.getValue()).getBytes(StandardCharsets.UTF_8);
    System.arraycopy(digits, 0, whole, whole.length - 4 - digits.length, digits.length);
    check(whole);
  }

  private static void check(byte[] data) throws IOException {
    Manifest manifest;
    try {
      manifest = ManifestJson.decode(data, "manifest.json");
    } catch (CheckpointException expected) {
      return;
    }
    byte[] again = ManifestJson.encode(manifest);
    if (!ManifestJson.decode(again, "again").equals(manifest)) {
      throw new AssertionError("read " + manifest);
    }
  }
}
