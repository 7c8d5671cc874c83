package dev.cairn.checkpoint.bundle;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.cairn.checkpoint.model.CheckpointException;
import java.nio.charset.StandardCharsets;

/** Any text as a state file; what is understood is printed and understood again (S65). */
class StateFuzzTest {

  @FuzzTest(maxDuration = "10s")
  void anyBytes(byte[] data) throws CheckpointException {
    CheckpointState state;
    try {
      state = CheckpointState.parse(new String(data, StandardCharsets.UTF_8), "checkpoint");
    } catch (CheckpointException expected) {
      return;
    }
    CheckpointState again = CheckpointState.parse(state.print(), "again");
    boolean timed = !state.timestamps().isEmpty();
    if (!again.latest().equals(state.latest())
        || !again.all().equals(state.all())
        || !again.timestamps().equals(state.timestamps())
        || (timed && Double.compare(again.lastPreserved(), state.lastPreserved()) != 0)) {
      throw new AssertionError("read " + state + ", printed " + again);
    }
  }
}
