package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.spark.serving.SavedModelExport;
import java.io.IOException;

/** Writes the SavedModel of {@code checkpoint export CHECKPOINT --saved-model DIR}. */
final class SavedModelTarget {
  private SavedModelTarget() {}

  /**
   * Writes it, and tells what can be called.
   *
   * @param checkpoint a checkpoint, or a run's folder, whose result is meant
   * @param folder that does not exist yet
   */
  static void write(CheckpointVerb verb, String checkpoint, String folder) throws IOException {
    FolderOptions options = verb.options();
    SavedModelExport.Written written =
        SavedModelExport.write(verb.home(checkpoint), verb.home(folder), options);
    if (verb.json()) {
      verb.print(json(written));
      return;
    }
    verb.say(
        "Wrote "
            + ReportFile.shown(written.folder())
            + ": the "
            + written.kind()
            + " model of "
            + ReportFile.shown(written.checkpoint()));
    for (SavedModelExport.Call call : written.calls()) {
      verb.say("  " + call.name());
      verb.say("    in   " + String.join(", ", call.inputs()));
      verb.say("    out  " + String.join(", ", call.outputs()));
    }
    verb.say("In Python: tf.saved_model.load(folder).signatures['serving_default'](...)");
  }

  private static ObjectNode json(SavedModelExport.Written written) {
    ObjectNode tree =
        CheckpointVerb.JSON
            .createObjectNode()
            .put("checkpoint", written.checkpoint())
            .put("savedModel", written.folder())
            .put("model", written.kind());
    ArrayNode signatures = tree.putArray("signatures");
    for (SavedModelExport.Call call : written.calls()) {
      ObjectNode node = signatures.addObject().put("name", call.name());
      call.inputs().forEach(node.putArray("inputs")::add);
      call.outputs().forEach(node.putArray("outputs")::add);
    }
    return tree;
  }
}
