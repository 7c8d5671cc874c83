package dev.cairn.checkpoint.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The state file in all the forms that protobuf's text format allows. */
class CheckpointStateTest {

  @Test
  void escapesCommentsAndSeparators() throws CheckpointException {
    CheckpointState state =
        CheckpointState.parse(
            "# written by hand\r\nmodel_checkpoint_path: 'a\\303\\251\\x41\\n\\t\\\"' # end\n"
                + "all_model_checkpoint_paths:\"x\"; all_model_checkpoint_timestamps: 1e3,\n"
                + "last_preserved_timestamp: -2.5",
            "checkpoint");
    assertEquals(new CheckpointState("a\u00e9A\n\t\"", List.of("x"), List.of(1000.0), -2.5), state);
    assertEquals(state, CheckpointState.parse(state.print(), "checkpoint"));
  }

  /** No recursion: a long line must not overflow the stack. */
  @Test
  void longPaths() throws CheckpointException {
    String path = "\\a".repeat(200_000);
    CheckpointState state = new CheckpointState(path, List.of(), List.of(), 0);
    assertEquals(path, CheckpointState.parse(state.print(), "checkpoint").latest());
  }

  @Test
  void damageIsNamedWithItsLine() {
    for (String text :
        List.of(
            "model_checkpoint_path",
            "model_checkpoint_path:",
            "model_checkpoint_path: \"x",
            "model_checkpoint_path: \"x\\",
            "model_checkpoint_path: \"\\777\"",
            "model_checkpoint_path: \"\\377\"",
            "model_checkpoint_path: 3",
            "last_preserved_timestamp: x",
            "all_model_checkpoint_timestamps: 1",
            "other: 1",
            "\u0000")) {
      Corrupt corrupt =
          assertThrows(
              Corrupt.class, () -> CheckpointState.parse("# one\n" + text, "d/checkpoint"));
      assertTrue(corrupt.getMessage().contains("line 2"), corrupt.getMessage());
      assertTrue(corrupt.getMessage().contains("path=d/checkpoint"), corrupt.getMessage());
    }
  }
}
