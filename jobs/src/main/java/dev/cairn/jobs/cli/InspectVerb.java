package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.formats.TensorFiles;
import dev.cairn.checkpoint.formats.TensorSource;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.ObjectLine;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.savedmodel.SavedModelReader;
import dev.cairn.checkpoint.savedmodel.SavedModelReader.MetaGraph;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.show.PlainText;
import dev.cairn.jobs.show.TextTable;
import dev.cairn.jobs.show.Units;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code checkpoint inspect CHECKPOINT}. */
@Command(
    name = "inspect",
    header =
        "Shows what is in a checkpoint: objects, variables, slices, optimizer, data position, timings;"
            + " of a SavedModel the signatures, too.",
    footer = CheckpointCommand.EXIT_CODES)
final class InspectVerb extends CheckpointVerb {
  @Parameters(
      paramLabel = "CHECKPOINT",
      description =
          CheckpointCommand.CHECKPOINT + " Or a file: .weights.h5, .keras, .safetensors, .npz.")
  private String path = "";

  @Option(names = "--slices", description = "Every stored slice with its file and offset.")
  private boolean slices;

  InspectVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    if (TensorFiles.isNamed(path)) {
      return file();
    }
    String folder = home(path);
    boolean model = SavedModelReader.isOne(folder, options());
    if (model && !Folders.exists(Folders.child(folder, "variables"), options())) {
      return withoutVariables(folder, SavedModelReader.graphs(folder, options()));
    }
    List<MetaGraph> graphs = model ? graphs(folder) : List.of();
    try (CheckpointReader reader = open(path)) {
      if (json()) {
        print(tree(reader, graphs));
        return CairnCommand.OK;
      }
      say(ReportFile.shown(reader.prefix()));
      reader.manifest().ifPresent(this::manifest);
      SignatureTable.lines(graphs).forEach(this::say);
      List<ObjectLine> objects = outline(reader);
      if (!objects.isEmpty()) {
        say("");
        GraphTable.lines(objects, reader).forEach(this::say);
      }
      variables(reader);
      if (slices) {
        sliceTable(reader);
      }
      return CairnCommand.OK;
    }
  }

  private void variables(CheckpointReader reader) {
    say("");
    TextTable table = new TextTable("variable", "dtype", "shape", ">slices", ">bytes");
    for (VariableSpec variable : reader.variables()) {
      List<StoredSlice> stored = reader.slices(variable.key());
      table.row(
          variable.key(),
          variable.dtype().name(),
          variable.shape().toString(),
          Units.count(stored.size()),
          Units.bytes(stored.stream().mapToLong(StoredSlice::size).sum()));
    }
    table.lines().forEach(this::say);
  }

  /** A SavedModel's graphs; where they cannot be read, its variables are still worth showing. */
  private List<MetaGraph> graphs(String folder) {
    try {
      return SavedModelReader.graphs(folder, options());
    } catch (IOException e) {
      console.err().println(PlainText.of("The signatures are not shown: " + e.getMessage()));
      return List.of();
    }
  }

  /** A SavedModel need not have any. */
  private int withoutVariables(String folder, List<MetaGraph> graphs) throws IOException {
    if (json()) {
      ObjectNode tree = JSON.createObjectNode().put("path", folder);
      SignatureTable.fill(tree.putArray("graphs"), graphs);
      tree.putArray("variables");
      print(tree);
    } else {
      say(ReportFile.shown(folder));
      SignatureTable.lines(graphs).forEach(this::say);
      say("");
      say("It has no variables.");
    }
    return CairnCommand.OK;
  }

  /** A file of named tensors, such as Keras's or safetensors. */
  private int file() throws IOException {
    try (TensorSource tensors = TensorFiles.open(home(path), options())) {
      if (json()) {
        ObjectNode tree = JSON.createObjectNode().put("path", tensors.path());
        var list = tree.putArray("tensors");
        for (VariableSpec tensor : tensors.tensors()) {
          ObjectNode node = list.addObject().put("name", tensor.key());
          node.put("dtype", tensor.dtype().name()).put("bytes", bytes(tensor));
          shape(node, tensor);
        }
        tensors.others().forEach(tree.putArray("others")::add);
        print(tree);
        return CairnCommand.OK;
      }
      say(ReportFile.shown(tensors.path()));
      say("");
      TextTable table = new TextTable("tensor", "dtype", "shape", ">bytes");
      for (VariableSpec tensor : tensors.tensors()) {
        table.row(
            tensor.key(),
            tensor.dtype().name(),
            tensor.shape().toString(),
            Units.bytes(bytes(tensor)));
      }
      table.lines().forEach(this::say);
      tensors.others().forEach(other -> say("No tensor: " + other));
      return CairnCommand.OK;
    }
  }

  private static long bytes(VariableSpec tensor) {
    return tensor.shape().elements() * tensor.dtype().elementBytes();
  }

  private static void shape(ObjectNode node, VariableSpec variable) {
    var shape = node.putArray("shape");
    for (int i = 0; i < variable.shape().rank(); i++) {
      shape.add(variable.shape().dim(i));
    }
  }

  /**
   * The graph's lines. The graph lies in a data file; if that is missing, the index alone, which
   * names the variables, is worth showing.
   */
  private List<ObjectLine> outline(CheckpointReader reader) {
    try {
      return reader.outline();
    } catch (IOException e) {
      console.err().println(PlainText.of("The object graph is not shown: " + e.getMessage()));
      return List.of();
    }
  }

  private void sliceTable(CheckpointReader reader) throws IOException {
    TextTable table = new TextTable("variable", "slice", ">file", ">offset", ">bytes", "crc32c");
    for (VariableSpec variable : reader.variables()) {
      for (StoredSlice slice : reader.slices(variable.key())) {
        table.row(
            variable.key(),
            slice.slice().toString(),
            Integer.toString(slice.shard()),
            Long.toString(slice.offset()),
            Long.toString(slice.size()),
            Text.format("%08x", slice.crc32c()));
      }
    }
    say("");
    table.lines().forEach(this::say);
  }

  private void manifest(Manifest manifest) {
    List<String> lines = new ArrayList<>();
    lines.add("step        " + Units.count(manifest.step()));
    lines.add("committed   " + ListVerb.TIME.format(manifest.wallTime()));
    lines.add("data        " + files(manifest));
    Optional<TrainingState> training = manifest.training();
    training.ifPresent(state -> training(state, lines));
    manifest.parent().ifPresent(parent -> lines.add("parent      " + parent));
    if (!manifest.applicationId().isEmpty()) {
      lines.add("written by  " + manifest.applicationId());
    }
    if (!manifest.phaseMillis().isEmpty()) {
      List<String> phases = new ArrayList<>();
      manifest.phaseMillis().forEach((name, ms) -> phases.add(name + " " + Units.millis(ms)));
      lines.add("took        " + String.join(", ", phases));
    }
    lines.add("format      " + manifest.formatVersion());
    lines.forEach(this::say);
  }

  private static String files(Manifest manifest) {
    int count = manifest.files().size();
    return Units.bytes(manifest.totalBytes()) + " in " + count + (count == 1 ? " file" : " files");
  }

  private static void training(TrainingState state, List<String> lines) {
    var position = state.position();
    lines.add(
        Text.format(
            "position    %,d epochs and %,d of %,d batches of the next are done",
            position.epoch(), position.batch(), position.batchesPerEpoch()));
    lines.add(
        Text.format(
            "input       %,d rows in %d partitions, fingerprint %s",
            position.rows(), position.partitions(), position.fingerprint()));
    lines.add("seed        " + state.seed());
    state.model().ifPresent(model -> lines.add("model       " + model(model)));
    optimizer(lines, "", state.optimizer());
    state
        .optimizer()
        .forVariables()
        .forEach((variable, other) -> optimizer(lines, variable + ": ", other));
    if (!state.metrics().isEmpty()) {
      lines.add("metrics    " + numbers(state.metrics()));
    }
    state.test().ifPresent(figures -> lines.add("test rows   " + FiguresText.line(figures)));
    String head = "settings    ";
    for (Map.Entry<String, String> setting : state.configuration().entrySet()) {
      lines.add(head + setting.getKey() + " = " + setting.getValue());
      head = " ".repeat(head.length());
    }
  }

  /** The lines of optimizers, such as {@code optimizer factors: adam l1 0, learning_rate 0.1}. */
  private static void optimizer(List<String> lines, String of, OptimizerSpec optimizer) {
    lines.add("optimizer   " + of + optimizer.name() + numbers(optimizer.hyperparameters()));
    optimizer.schedule().ifPresent(schedule -> lines.add("rate        " + of + schedule));
  }

  /** A model as text, such as {@code logistic: features 4194304, fit-intercept true}. */
  private static String model(ModelDefinition model) {
    List<String> settings = new ArrayList<>();
    model.settings().forEach((name, value) -> settings.add(name + " " + value));
    return model.kind() + (settings.isEmpty() ? "" : ": " + String.join(", ", settings));
  }

  /** Numbers as text, such as {@code l1 0, learning_rate 0.1}: each with six digits at most. */
  private static String numbers(SortedMap<String, Double> values) {
    List<String> parts = new ArrayList<>();
    values.forEach((name, value) -> parts.add(" " + name + " " + number(value)));
    return String.join(",", parts);
  }

  private static String number(double value) {
    return Double.isFinite(value)
        ? new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros().toPlainString()
        : Double.toString(value);
  }

  private ObjectNode tree(CheckpointReader reader, List<MetaGraph> graphs) throws IOException {
    ObjectNode tree = JSON.createObjectNode().put("prefix", reader.prefix());
    reader.manifest().ifPresent(manifest -> fill(tree, manifest));
    if (!graphs.isEmpty()) {
      SignatureTable.fill(tree.putArray("graphs"), graphs);
    }
    List<ObjectLine> objects = outline(reader);
    if (!objects.isEmpty()) {
      GraphTable.fill(tree.putArray("objects"), objects);
    }
    var variables = tree.putArray("variables");
    for (VariableSpec variable : reader.variables()) {
      ObjectNode node = variables.addObject();
      node.put("key", variable.key()).put("dtype", variable.dtype().name());
      shape(node, variable);
      List<StoredSlice> stored = reader.slices(variable.key());
      node.put("bytes", stored.stream().mapToLong(StoredSlice::size).sum());
      var list = node.putArray("slices");
      for (StoredSlice slice : stored) {
        list.addObject()
            .put("slice", slice.slice().toString())
            .put("shard", slice.shard())
            .put("offset", slice.offset())
            .put("bytes", slice.size())
            .put("crc32c", Integer.toUnsignedLong(slice.crc32c()));
      }
    }
    return tree;
  }

  private static void fill(ObjectNode tree, Manifest manifest) {
    tree.put("formatVersion", manifest.formatVersion())
        .put("step", manifest.step())
        .put("committed", manifest.wallTime().toString())
        .put("bytes", manifest.totalBytes())
        .put("applicationId", manifest.applicationId());
    manifest.parent().ifPresent(parent -> tree.put("parent", parent));
    ObjectNode phases = tree.putObject("phaseMillis");
    manifest.phaseMillis().forEach(phases::put);
    manifest.training().ifPresent(state -> fill(tree.putObject("training"), state));
  }

  private static void fill(ObjectNode tree, TrainingState state) {
    tree.put("seed", state.seed());
    tree.putObject("position")
        .put("epoch", state.position().epoch())
        .put("batch", state.position().batch())
        .put("batchesPerEpoch", state.position().batchesPerEpoch())
        .put("partitions", state.position().partitions())
        .put("rows", state.position().rows())
        .put("fingerprint", state.position().fingerprint());
    state
        .model()
        .ifPresent(
            model -> {
              ObjectNode settings =
                  tree.putObject("model").put("kind", model.kind()).putObject("settings");
              model.settings().forEach(settings::put);
            });
    ObjectNode optimizer = fill(tree.putObject("optimizer"), state.optimizer());
    if (!state.optimizer().forVariables().isEmpty()) {
      ObjectNode others = optimizer.putObject("variables");
      state
          .optimizer()
          .forVariables()
          .forEach((variable, other) -> fill(others.putObject(variable), other));
    }
    ObjectNode metrics = tree.putObject("metrics");
    // A NaN is no JSON number: it goes as text.
    state
        .metrics()
        .forEach(
            (name, value) -> {
              if (Double.isFinite(value)) {
                metrics.put(name, value);
              } else {
                metrics.put(name, value.toString());
              }
            });
    state.test().ifPresent(figures -> RunMetrics.put(tree.putObject("test"), figures));
    ObjectNode configuration = tree.putObject("configuration");
    state.configuration().forEach(configuration::put);
  }

  private static ObjectNode fill(ObjectNode tree, OptimizerSpec optimizer) {
    tree.put("name", optimizer.name());
    optimizer.hyperparameters().forEach(tree::put);
    optimizer.schedule().ifPresent(schedule -> tree.put("schedule", schedule));
    return tree;
  }
}
