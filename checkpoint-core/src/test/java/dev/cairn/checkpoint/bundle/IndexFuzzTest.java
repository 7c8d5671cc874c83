package dev.cairn.checkpoint.bundle;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.cairn.checkpoint.model.CheckpointException;
import java.util.Arrays;

/** Any bytes as an index, and as a block whose checksum is right (S65). */
class IndexFuzzTest {

  @FuzzTest(maxDuration = "10s")
  void anyBytes(byte[] data) {
    if (data.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(data, 1, data.length);
    byte[] index =
        switch (data[0] & 3) {
          case 0 -> rest;
          case 1 -> BlockTables.around(rest, 1);
          default -> BlockTables.around(rest, 0);
        };
    try {
      BundleIndex.read(index, "fuzz.index");
    } catch (CheckpointException expected) {
      // The only way in which bytes may be refused.
    }
  }
}
