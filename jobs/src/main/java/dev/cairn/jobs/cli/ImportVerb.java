package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.formats.BundleImport;
import dev.cairn.checkpoint.formats.TensorFiles;
import dev.cairn.checkpoint.formats.TensorSource;
import dev.cairn.jobs.show.Units;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code checkpoint import FILE PREFIX}. */
@Command(
    name = "import",
    header = "Makes a TensorFlow checkpoint of a file that another program wrote.",
    description =
        "%nThe file's ending says what it is: .weights.h5 or .keras of Keras, .safetensors, .npz"
            + " of NumPy. Its names become paths of objects: each slash leads to another.",
    footer = CheckpointCommand.EXIT_CODES)
final class ImportVerb extends CheckpointVerb {
  @Parameters(index = "0", paramLabel = "FILE", description = "The file to read.")
  private String file = "";

  @Parameters(
      index = "1",
      paramLabel = "PREFIX",
      description = "The checkpoint's prefix, such as runs/model: TensorFlow takes it as it is.")
  private String prefix = "";

  @Option(
      names = "--only",
      paramLabel = "NAME",
      description = "Tensors to take, all others are left; * stands for any text; once for each.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--name",
      paramLabel = "FROM=TO",
      description =
          "Another name for a tensor, such as layers/dense/vars/0=weights; once for each.")
  private Map<String, String> names = new LinkedHashMap<>();

  ImportVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    try (TensorSource tensors =
        TensorFiles.renamed(
            TensorFiles.selected(TensorFiles.open(home(file), options()), only), names)) {
      BundleImport.Written written = BundleImport.write(tensors, home(prefix), options());
      String shown = ReportFile.shown(written.prefix());
      if (json()) {
        ObjectNode tree =
            JSON.createObjectNode()
                .put("prefix", written.prefix())
                .put("tensors", written.tensors())
                .put("bytes", written.bytes());
        tensors.others().forEach(tree.putArray("leftOut")::add);
        print(tree);
      } else {
        tensors.others().forEach(other -> say("Left out " + other));
        say(
            "Wrote "
                + shown
                + ": "
                + FileTarget.tensors(written.tensors())
                + ", "
                + Units.bytes(written.bytes()));
      }
    }
    return CairnCommand.OK;
  }
}
