package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where training stood is in the files, and is what the manifest says. */
class DataPositionTest {
  /** Other programs know it. */
  private static final VariableSpec TENSOR =
      new VariableSpec("data_position/.ATTRIBUTES/json", DType.STRING, Shape.scalar());

  @TempDir Path folder;

  private interface Writing {
    void to(ShardWriter writer) throws IOException;
  }

  private CheckpointReader reader(Writing writing) throws IOException {
    TrainingState state = TestCheckpoints.state(1);
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.resolve("run").toString(), TestCheckpoints.OPTIONS)) {
      PendingCheckpoint pending = checkpoints.begin(1, 1);
      try (ShardWriter writer = pending.writer(0)) {
        writer.write(GraphFileTest.graph(1));
        writing.to(writer);
        pending.report(writer.finish());
      }
      return CheckpointReader.open(
          pending.commit(state, "t", new TreeMap<>()).path(), TestCheckpoints.OPTIONS);
    }
  }

  private void assertCorrupt(String why, Writing writing) throws IOException {
    try (CheckpointReader reader = reader(writing)) {
      Corrupt e = assertThrows(Corrupt.class, reader::dataPosition);
      assertTrue(e.getMessage().contains(why), e.getMessage());
      assertTrue(e.getMessage().contains("ckpt-1"), e.getMessage());
    }
  }

  @Test
  void comesBack() throws Exception {
    DataPosition position = TestCheckpoints.state(1).position();
    try (CheckpointReader reader = reader(writer -> writer.write(position))) {
      assertEquals(Optional.of(position), reader.dataPosition());
      assertEquals(
          "{\"epoch\":1,\"batch\":2,\"batchesPerEpoch\":10,\"partitions\":4,\"rows\":1000,"
              + "\"fingerprint\":\"f00d\"}",
          new String(reader.readStrings(TENSOR.key()).get(0), StandardCharsets.UTF_8));
    }
  }

  @Test
  void needNotBeThere() throws Exception {
    try (CheckpointReader reader = reader(writer -> {})) {
      assertEquals(Optional.empty(), reader.dataPosition());
    }
  }

  @Test
  void anotherThanTheManifestsIsDamage() throws Exception {
    assertCorrupt(
        "expected what the manifest says, DataPosition[epoch=1, batch=2",
        writer -> writer.write(new DataPosition(1, 3, 10, 4, 1000, "f00d")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{\"epoch\":1}", "{\"epoch\":1,\"epoch\":1}"})
  void whatIsNoPositionIsDamage(String json) throws Exception {
    assertCorrupt(
        "data",
        writer -> writer.writeStrings(TENSOR, List.of(json.getBytes(StandardCharsets.UTF_8))));
  }
}
