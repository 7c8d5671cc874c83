package dev.cairn.spark.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.SoftmaxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder of a SavedModel: all of it or nothing, and a checkpoint for who reads it. */
class SavedModelFolderTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();

  @TempDir Path temp;

  private String run(String name, Model model, Optional<Model> said) throws IOException {
    String run = temp.resolve(name).toString();
    float[][] numbers = StoredModels.random(model, 11);
    StoredModels.write(run, model, said, numbers, FeatureScales.NONE, Optional.empty());
    return run;
  }

  @Test
  void nothingIsOverwrittenAndNothingIsLeftBehind() throws Exception {
    Model model = new LinearModel(100, true, new LogisticLoss());
    String run = run("plain", model, Optional.of(model));
    Path target = Files.createDirectories(temp.resolve("out/there"));
    Conflict there =
        assertThrows(Conflict.class, () -> SavedModelExport.write(run, target.toString(), OPTIONS));
    assertTrue(there.getMessage().contains("expected nothing at its place"), there.getMessage());
    String unsaid = run("silent", model, Optional.empty());
    Mismatch refused =
        assertThrows(
            Mismatch.class,
            () -> SavedModelExport.write(unsaid, temp.resolve("out/no").toString(), OPTIONS));
    assertTrue(refused.getMessage().contains("says which model it holds"), refused.getMessage());
    Path damaged = temp.resolve("plain/ckpt-7/variables.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[17] ^= 1;
    Files.write(damaged, bytes);
    assertThrows(
        Corrupt.class,
        () -> SavedModelExport.write(run, temp.resolve("out/bad").toString(), OPTIONS));
    try (Stream<Path> left = Files.list(temp.resolve("out"))) {
      assertEquals(List.of(target), left.toList());
    }
  }

  /** Its variables are a checkpoint as any other, found by the folder. */
  @Test
  void itsVariablesAreReadByTheFolder() throws Exception {
    Model model = new SoftmaxModel(300, 3, true);
    String run = run("read", model, Optional.of(model));
    String target = temp.resolve("read saved").toString();
    SavedModelExport.Written written = SavedModelExport.write(run, target, OPTIONS);
    assertTrue(written.folder().endsWith("/read saved"), written.folder());
    try (CheckpointReader reader =
        CheckpointReader.open(RunResult.find(target, OPTIONS), OPTIONS)) {
      float[] found = new float[900];
      String key =
          reader.variables().stream()
              .filter(of -> of.dtype() == DType.FLOAT && of.shape().rank() == 2)
              .findFirst()
              .orElseThrow()
              .key();
      reader.readRows(key, 0, 300, found, 0);
      assertEquals(
          Arrays.toString(StoredModels.random(model, 11)[0]), Arrays.toString(found), "bits");
    }
  }
}
