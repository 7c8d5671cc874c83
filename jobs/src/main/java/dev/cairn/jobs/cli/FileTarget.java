package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.formats.CheckpointTensors;
import dev.cairn.checkpoint.formats.TensorFiles;
import dev.cairn.checkpoint.formats.TensorSource;
import dev.cairn.jobs.show.Units;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** {@code checkpoint export CHECKPOINT FILE}: named tensors in a file, with the options for it. */
final class FileTarget {
  @Option(
      names = "--only",
      paramLabel = "NAME",
      description =
          "Of a file: tensors to take, all others are left; * stands for any text; once for each.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--name",
      paramLabel = "FROM=TO",
      description =
          "Of a file: another name for a tensor, such as model/weights=layers/dense/vars/0; once for"
              + " each.")
  private Map<String, String> names = new LinkedHashMap<>();

  @Option(
      names = "--like",
      paramLabel = "MODEL",
      description =
          "Of a file: a .keras or .weights.h5 that Keras saved of the same model; the file gets its"
              + " layers, and is refused if its weights are others.")
  private String like = "";

  @Option(names = "--overwrite", description = "Of a file: replace it if it is there.")
  private boolean overwrite;

  void write(CheckpointVerb verb, String checkpoint, String file) throws IOException {
    try (TensorSource tensors =
        TensorFiles.renamed(
            TensorFiles.selected(new CheckpointTensors(verb.open(checkpoint)), only), names)) {
      String target = verb.home(file);
      long bytes =
          like.isEmpty()
              ? TensorFiles.write(tensors, target, overwrite, verb.options())
              : TensorFiles.writeLike(tensors, verb.home(like), target, overwrite, verb.options());
      tell(verb, tensors, target, bytes);
    }
  }

  private static void tell(CheckpointVerb verb, TensorSource tensors, String target, long bytes)
      throws IOException {
    int count = tensors.tensors().size();
    if (verb.json()) {
      ObjectNode tree =
          CheckpointVerb.JSON
              .createObjectNode()
              .put("path", target)
              .put("tensors", count)
              .put("bytes", bytes);
      tensors.others().forEach(tree.putArray("leftOut")::add);
      verb.print(tree);
      return;
    }
    tensors.others().forEach(other -> verb.say("Left out " + other));
    verb.say("Wrote " + target + ": " + tensors(count) + ", " + Units.bytes(bytes));
  }

  static String tensors(int count) {
    return count == 1 ? "1 tensor" : Units.count(count) + " tensors";
  }
}
