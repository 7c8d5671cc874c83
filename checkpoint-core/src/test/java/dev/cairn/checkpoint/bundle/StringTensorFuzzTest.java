package dev.cairn.checkpoint.bundle;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.cairn.checkpoint.model.CheckpointException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Any bytes as a string tensor; and what was encoded comes back, one bit changed does not (S65).
 */
class StringTensorFuzzTest {

  @FuzzTest(maxDuration = "10s")
  void anyBytes(FuzzedDataProvider data) throws CheckpointException {
    if (data.consumeBoolean()) {
      try {
        long elements = data.consumeLong(0, 1L << 40);
        StringTensor.decode(data.consumeRemainingAsBytes(), elements, 0, "fuzz");
      } catch (CheckpointException expected) {
        // The only way in which bytes may be refused.
      }
      return;
    }
    int flip = data.consumeInt(0, 1 << 20);
    List<byte[]> strings = new ArrayList<>();
    while (data.remainingBytes() > 0) {
      strings.add(data.consumeBytes(data.consumeInt(0, 300)));
    }
    StringTensor tensor = StringTensor.encode(strings);
    List<byte[]> back =
        StringTensor.decode(tensor.payload(), strings.size(), tensor.crc32c(), "fuzz");
    if (!Arrays.deepEquals(back.toArray(), strings.toArray())) {
      throw new AssertionError("other strings");
    }
    byte[] broken = tensor.payload().clone();
    broken[flip / 8 % broken.length] ^= (byte) (1 << flip % 8);
    try {
      StringTensor.decode(broken, strings.size(), tensor.crc32c(), "fuzz");
    } catch (CheckpointException expected) {
      return;
    }
    throw new AssertionError("changed bit " + flip + " went unseen");
  }
}
