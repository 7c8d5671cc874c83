package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.CoefficientReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.jobs.cli.HeaviestFeatures.Coefficient;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.data.ScoringData;
import dev.cairn.spark.ml.FeatureEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
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
            + " INPUT; features that share a hashed place are shown together. Of a factorization"
            + " machine the heaviest pairs among these features follow: the products of their"
            + " factors.")
final class TopVerb implements Callable<Integer> {
  /** The most features that are paired: half a million pairs are enough for a person. */
  private static final int MOST_PAIRED = 1000;

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

  @Option(
      names = "--class",
      paramLabel = "K",
      description = "Of a model of several classes the coefficients of class K alone.")
  private @Nullable Integer column;

  @Option(names = "--json", description = "Print JSON for programs in place of text for people.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Console console;

  TopVerb(Console console) {
    this.console = console;
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
    FolderOptions options = SparkSettings.checkpointOptions(settings);
    TopTable table;
    try (CoefficientReader reader = CoefficientReader.open(model.checkpoint(), options)) {
      table = table(reader, model, settings);
    }
    if (json) {
      console
          .out()
          .println(
              CheckpointVerb.JSON
                  .writerWithDefaultPrettyPrinter()
                  .writeValueAsString(table.json()));
    } else {
      table.lines().forEach(console.out()::println);
    }
    return CairnCommand.OK;
  }

  private TopTable table(CoefficientReader reader, ModelInput model, SparkConf settings)
      throws IOException {
    Optional<TrainingState> training = reader.training();
    String kind =
        training.flatMap(TrainingState::model).map(ModelDefinition::kind).orElse(TopTable.UNKNOWN);
    checkClass(reader, kind);
    FeatureDefinition definition =
        training
            .flatMap(TrainingState::features)
            .orElseThrow(
                () ->
                    new Mismatch(
                        "Cannot name features: expected a checkpoint that says how they are made,"
                            + " found none of that (path="
                            + reader.path()
                            + ")"));
    List<Coefficient> heaviest = HeaviestFeatures.of(reader, count, column);
    boolean machine = kind.startsWith("fm-");
    int[] paired = new int[0];
    if (machine) {
      int most = Math.min(count, MOST_PAIRED);
      List<Coefficient> features =
          heaviest.isEmpty() ? HeaviestFeatures.byFactors(reader, most) : heaviest;
      paired = features.stream().limit(most).mapToInt(Coefficient::id).sorted().toArray();
    }
    int[] ids =
        IntStream.concat(heaviest.stream().mapToInt(Coefficient::id), IntStream.of(paired))
            .sorted()
            .distinct()
            .toArray();
    FeatureNames names = names(model, training, definition, settings, ids);
    return new TopTable(
        reader.path(),
        kind,
        reader.columns() > 1,
        heaviest,
        HeaviestFeatures.pairs(reader, paired, count, names::together),
        names);
  }

  private void checkClass(CoefficientReader reader, String kind) {
    if (column != null && (column < 0 || column >= reader.columns() || reader.columns() == 1)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "Cannot use --class: expected "
              + (reader.columns() == 1
                  ? "a model with a coefficient for each class, found model " + kind
                  : "a class from 0 to " + (reader.columns() - 1) + ", found " + column)
              + " (path="
              + reader.path()
              + ")");
    }
  }

  private FeatureNames names(
      ModelInput model,
      Optional<TrainingState> training,
      FeatureDefinition definition,
      SparkConf settings,
      int[] ids)
      throws IOException {
    TrainConf rows = model.rows(training);
    SparkConf asTrained = SparkSettings.asTrained(training, model.spark(), settings);
    try (SparkSession spark = SparkSession.builder().config(asTrained).getOrCreate()) {
      FirstExecutor.await(spark.sparkContext(), console.err()::println);
      return new FeatureNames(
          definition, ScoringData.names(spark, rows, FeatureEncoder.of(definition), ids));
    }
  }
}
