package dev.cairn.spark.ml;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.FolderReplacement;
import dev.cairn.checkpoint.Folders;
import dev.cairn.spark.trainer.HadoopSettings;
import java.io.IOException;
import java.util.Map;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.MLWriter;

/**
 * Writes a stage beside the one that it replaces and then puts it in place, so that the old or the
 * new one is there, whole, whatever fails. Spark's own writer would delete the old one first.
 */
class StageWriter extends MLWriter {
  private final Params stage;

  StageWriter(Params stage) {
    this.stage = stage;
  }

  @Override
  public final void save(String path) throws IOException {
    FolderOptions options = HadoopSettings.options(sparkSession().sparkContext());
    String place = FolderReplacement.current(path, options);
    if (!shouldOverwrite() && Folders.exists(place, options)) {
      throw new IOException(
          "Cannot save "
              + stage.uid()
              + ": expected nothing there, found something (path="
              + place
              + "); use write().overwrite().save(path) to replace it");
    }
    try (FolderReplacement replacement = FolderReplacement.begin(path, options)) {
      saveImpl(replacement.folder());
      replacement.commit();
      replaced(replacement.folder(), replacement.target());
    }
  }

  @Override
  public final void saveImpl(String folder) {
    try {
      ParamsMetadata.write(stage, folder, sparkSession(), contents(folder));
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "Cannot save " + stage.uid() + ": the thread was interrupted", e);
    }
  }

  /**
   * Writes the contents of the stage besides its parameters: here, nothing.
   *
   * @return further fields of the metadata
   */
  Map<String, String> contents(String folder) throws IOException, InterruptedException {
    return Map.of();
  }

  /** Called when a stage that was written in one folder is in place in another one. */
  void replaced(String written, String place) {}
}
