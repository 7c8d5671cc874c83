package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.jobs.show.Units;
import dev.cairn.spark.keras.KerasExport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code checkpoint export CHECKPOINT --keras DIR}: what is written, and how one goes on. */
final class KerasTarget {
  private KerasTarget() {}

  /** Writes the model of a checkpoint, or of a run the one that predict takes, and tells of it. */
  static void write(CheckpointVerb verb, String checkpoint, String folder) throws IOException {
    String found = RunResult.find(verb.home(checkpoint), verb.options());
    KerasExport.Exported made = KerasExport.write(found, verb.home(folder), verb.options());
    if (verb.json()) {
      ObjectNode tree =
          CheckpointVerb.JSON
              .createObjectNode()
              .put("checkpoint", made.checkpoint())
              .put("keras", made.folder())
              .put("step", made.step())
              .put("bytes", made.bytes())
              .put("linked", made.linked());
      made.optimizers().forEach(tree.putArray("optimizers")::add);
      verb.print(tree);
      return;
    }
    lines(made).forEach(verb::say);
  }

  private static List<String> lines(KerasExport.Exported made) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Wrote "
            + ReportFile.shown(made.folder())
            + ": "
            + KerasExport.PROGRAM
            + ", and "
            + Units.bytes(made.bytes())
            + (made.linked() ? ", the checkpoint's own files under a second name" : " of tensors"));
    lines.add("In that folder, with Keras 3 and TensorFlow:");
    lines.add("    import model");
    lines.add("    m, optimizer = model.restore()   # all of it: assert_consumed() has passed");
    lines.add("    m.predict(rows)                  # model.py says what rows are");
    List<String> optimizers = made.optimizers();
    if (optimizers.size() == 1) {
      lines.add(
          "    m.fit(rows, labels)              # the optimizer is built: it goes on from step "
              + Units.count(made.step()));
    } else if (optimizers.isEmpty()) {
      lines.add("There is no optimizer in this checkpoint: compile m with one before m.fit.");
    } else {
      lines.add(
          "optimizer has "
              + String.join(", ", optimizers)
              + ", built: m.fit takes one alone, so apply each in a loop of your own.");
    }
    return lines;
  }
}
