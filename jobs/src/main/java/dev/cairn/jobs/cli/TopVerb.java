package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointOptions;
import dev.cairn.checkpoint.CoefficientReader;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.data.ScoringData;
import dev.cairn.jobs.show.TextTable;
import dev.cairn.jobs.show.Units;
import dev.cairn.spark.ml.FeatureEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model top RUN INPUT}: the heaviest features, by name. */
@Command(
    name = "top",
    header = "Shows the features with the largest coefficients, by name, counted in the data.",
    description =
        "%nThe coefficients are of values as they stand in the data. Names come from one pass over"
            + " INPUT; features that share a hashed place are shown together.")
final class TopVerb implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "RUN|CHECKPOINT", description = "The model.")
  private String run = "";

  @Parameters(index = "1", paramLabel = "INPUT", description = "Rows as the model was trained on.")
  private String input = "";

  @Parameters(
      index = "2..*",
      arity = "0..*",
      paramLabel = "key=value",
      description = "input.*, spark.* and executors, as for train.")
  private List<String> words = new ArrayList<>();

  @Option(names = "--count", defaultValue = "20", description = "How many; default: 20.")
  private int count;

  @Option(names = "--json", description = "Print JSON for programs in place of text for people.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Console console;

  TopVerb(Console console) {
    this.console = console;
  }

  /** A place of the hashed features with its coefficient. */
  private record Heavy(int id, double coefficient) {
    static final Comparator<Heavy> LIGHTEST_FIRST =
        Comparator.comparingDouble((Heavy one) -> Math.abs(one.coefficient()))
            .thenComparing(Comparator.comparingInt(Heavy::id).reversed());
  }

  @Override
  public Integer call() throws IOException {
    if (count < 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Cannot use --count: expected 1 or more, found " + count);
    }
    ModelInput model = ModelInput.of(run, input, words);
    SparkConf asked = new SparkConf();
    asked.setIfMissing("spark.app.name", "cairn model top");
    SparkConf settings = SparkSettings.of(model.spark(), asked);
    CheckpointOptions options = SparkSettings.checkpointOptions(settings);
    String checkpoint;
    Optional<TrainingState> training;
    List<Heavy> heaviest;
    try (CoefficientReader reader = CoefficientReader.open(model.checkpoint(), options)) {
      checkpoint = reader.path();
      training = reader.training();
      heaviest = heaviest(reader);
    }
    TrainConf rows = model.rows(training);
    SparkConf asTrained = SparkSettings.asTrained(training, model.spark(), settings);
    FeatureEncoder encoder =
        training
            .flatMap(TrainingState::features)
            .map(FeatureEncoder::of)
            .orElseThrow(
                () ->
                    new Mismatch(
                        "Cannot name features: expected a checkpoint that says how they are made,"
                            + " found none of that (path="
                            + checkpoint
                            + ")"));
    int[] ids = heaviest.stream().mapToInt(Heavy::id).sorted().toArray();
    Map<Integer, List<ScoringData.Named>> names = new TreeMap<>();
    try (SparkSession spark = SparkSession.builder().config(asTrained).getOrCreate()) {
      FirstExecutor.await(spark.sparkContext(), console.err()::println);
      for (ScoringData.Named one : ScoringData.names(spark, rows, encoder, ids)) {
        names.computeIfAbsent(one.id(), id -> new ArrayList<>()).add(one);
      }
    }
    print(checkpoint, heaviest, names);
    return CairnCommand.OK;
  }

  private List<Heavy> heaviest(CoefficientReader reader) throws IOException {
    PriorityQueue<Heavy> kept = new PriorityQueue<>(Heavy.LIGHTEST_FIRST);
    reader.nonZero(
        (id, coefficient) -> {
          if (kept.size() < count
              || Math.abs(coefficient) > Math.abs(kept.element().coefficient())) {
            kept.add(new Heavy(id, coefficient));
            if (kept.size() > count) {
              kept.remove();
            }
          }
        });
    List<Heavy> sorted = new ArrayList<>(kept);
    sorted.sort(Heavy.LIGHTEST_FIRST.reversed());
    return sorted;
  }

  private void print(
      String checkpoint, List<Heavy> heaviest, Map<Integer, List<ScoringData.Named>> names)
      throws IOException {
    if (json) {
      ObjectNode root = CheckpointVerb.JSON.createObjectNode().put("checkpoint", checkpoint);
      ArrayNode features = root.putArray("features");
      for (Heavy one : heaviest) {
        ObjectNode node =
            features.addObject().put("id", one.id()).put("coefficient", one.coefficient());
        ArrayNode named = node.putArray("names");
        names
            .getOrDefault(one.id(), List.of())
            .forEach(name -> named.addObject().put("name", name.name()).put("rows", name.rows()));
      }
      console
          .out()
          .println(CheckpointVerb.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root));
      return;
    }
    TextTable table = new TextTable(">coefficient", ">odds", ">rows", "feature");
    for (Heavy one : heaviest) {
      List<ScoringData.Named> named = names.getOrDefault(one.id(), List.of());
      long rows = named.stream().mapToLong(ScoringData.Named::rows).sum();
      String text =
          named.isEmpty()
              ? "(place " + one.id() + ": no row of the input has it)"
              : String.join(", ", named.stream().map(ScoringData.Named::name).toList());
      table.row(
          Text.format("%+.4f", one.coefficient()),
          Text.format("x %.3f", StrictMath.exp(one.coefficient())),
          Units.count(rows),
          text);
    }
    table.lines().forEach(console.out()::println);
  }
}
