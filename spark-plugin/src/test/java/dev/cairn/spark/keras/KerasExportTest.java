package dev.cairn.spark.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointVerifier;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Nulls;
import dev.cairn.checkpoint.model.FeatureDefinition.Offset;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.RowHasher;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.HingeLoss;
import dev.cairn.spark.model.HuberLoss;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.MarginLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.PoissonLoss;
import dev.cairn.spark.model.SoftmaxModel;
import dev.cairn.spark.model.SquaredHingeLoss;
import dev.cairn.spark.model.SquaredLoss;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.serving.RowPredictor;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is exported is built by Keras, predicts what Cairn predicts, and is trained on. */
class KerasExportTest {
  private static final int SIZE = 500;
  private static final int CLASSES = 3;
  private static final int RANK = 4;
  private static final int ROWS = 40;
  private static final FolderOptions OPTIONS = FolderOptions.defaults();

  @TempDir Path folder;

  private record Case(
      String name, Model model, OptimizerSpec optimizer, FeatureScales scales, boolean offset) {}

  private static FeatureDefinition definition(boolean offset) {
    return new FeatureDefinition(
            List.of(),
            List.of("city", "code"),
            List.of("x", "z"),
            List.of(List.of("city", "code")),
            SIZE,
            Optional.empty(),
            Nulls.ABSENT)
        .withOffset(offset ? Optional.of(Offset.ofColumn("more")) : Optional.empty());
  }

  /** Of the two numeric columns: the second one is centred if that is wanted. */
  private static FeatureScales scales(double second, double mean) {
    RowHasher hasher = new RowHasher(definition(false));
    int[] places = new int[2];
    for (int i = 0; i < 2; i++) {
      hasher.noNumber(1 - i);
      hasher.number(i, 1);
      hasher.hash();
      places[i] = hasher.ids()[0];
    }
    boolean ascending = places[0] < places[1];
    double[] divisors = {2.5, second};
    double[] means = {0, mean};
    return ascending
        ? new FeatureScales(places, divisors, means)
        : new FeatureScales(
            new int[] {places[1], places[0]},
            new double[] {divisors[1], divisors[0]},
            new double[] {means[1], means[0]});
  }

  private static OptimizerSpec optimizer(String name, Object... settings) {
    SortedMap<String, Double> numbers = new TreeMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      numbers.put((String) settings[i], ((Number) settings[i + 1]).doubleValue());
    }
    return new OptimizerSpec(name, numbers);
  }

  private static OptimizerSpec scheduled(String schedule) {
    return new OptimizerSpec(
        "sgd", optimizer("sgd", "momentum", 0.5).hyperparameters(), Optional.of(schedule));
  }

  private static Model linear(MarginLoss loss) {
    return new LinearModel(SIZE, true, loss);
  }

  private static Model machine(MarginLoss loss, boolean linear) {
    return FactorizationMachine.of(SIZE, RANK, true, linear, loss, 0.1, 1);
  }

  private static List<Case> cases() {
    FeatureScales none = FeatureScales.NONE;
    return List.of(
        new Case(
            "logistic",
            linear(new LogisticLoss()),
            optimizer("adagrad", "learning_rate", 0.125, "epsilon", 0.0625),
            scales(0.5, 3),
            false),
        new Case(
            "softmax",
            new SoftmaxModel(SIZE, CLASSES, true),
            optimizer("adam", "amsgrad", 1),
            scales(0.5, -2),
            false),
        new Case(
            "squared",
            linear(new SquaredLoss()),
            optimizer("sgd", "momentum", 0.5, "nesterov", 1, "l2", 0.5),
            scales(0, 0),
            false),
        new Case(
            "huber",
            new LinearModel(SIZE, false, new HuberLoss(0.75)),
            optimizer("rmsprop", "momentum", 0.5, "clipnorm", 10),
            none,
            true),
        new Case(
            "poisson",
            linear(new PoissonLoss()),
            optimizer("adamw", "weight_decay", 0.25),
            none,
            true),
        new Case(
            "hinge", linear(new HingeLoss()), optimizer("ftrl", "l1", 0.1, "l2", 0.5), none, false),
        new Case(
            "squared-hinge",
            linear(new SquaredHingeLoss()),
            scheduled("cosine decay_steps=100 warmup_steps=10"),
            none,
            false),
        new Case(
            "machine",
            machine(new LogisticLoss(), true),
            optimizer("adagrad")
                .withForVariables(new TreeMap<>(Map.of("factors", optimizer("adam")))),
            scales(0.5, 0),
            false),
        new Case(
            "machine-regression",
            machine(new SquaredLoss(), true),
            scheduled("piecewise boundaries=3,9 values=0.001,0.0005,0.0001"),
            scales(4, 0),
            true),
        new Case(
            "copied", machine(new SquaredLoss(), false), optimizer(Optimizers.NONE), none, false));
  }

  private static Map<String, Object> row(Random random) {
    Map<String, Object> row = new HashMap<>();
    row.put("city", random.nextInt(5) == 0 ? null : "cit\u00e9 " + random.nextInt(9));
    row.put("code", "0" + random.nextInt(3));
    row.put("x", random.nextInt(4) == 0 ? null : random.nextGaussian() * 3);
    row.put("z", random.nextInt(6) == 0 ? null : random.nextInt(7));
    row.put("more", random.nextInt(3) * 0.5);
    return row;
  }

  /** What {@code predict} says, in the columns that Keras has. */
  private static double[] predicted(RowPredictor predictor, Map<String, Object> row) {
    if (predictor.outputs() > 1) {
      double[] scores = predictor.scores(row);
      double sum = 0;
      for (int k = 0; k < scores.length; k++) {
        scores[k] = Math.exp(scores[k]);
        sum += scores[k];
      }
      for (int k = 0; k < scores.length; k++) {
        scores[k] /= sum;
      }
      double most = predictor.answer(row).probability().orElseThrow();
      assertEquals(most, java.util.Arrays.stream(scores).max().orElseThrow(), 1e-12);
      return scores;
    }
    RowPredictor.Answer answer = predictor.answer(row);
    return new double[] {answer.probability().orElse(answer.margin().orElse(answer.prediction()))};
  }

  private static void fill(ArrayNode array, double[] numbers) {
    for (double number : numbers) {
      array.add(number);
    }
  }

  private ObjectNode written(ArrayNode cases, Case of) throws Exception {
    FeatureDefinition definition = definition(of.offset());
    String path =
        TrainedFiles.write(
            folder.resolve("run-" + of.name()).toString(),
            of.model(),
            of.model().definition(),
            of.optimizer(),
            of.scales(),
            Optional.of(definition));
    String target = folder.resolve("keras-" + of.name()).toString();
    KerasExport.Exported exported = KerasExport.write(path, target, OPTIONS);
    assertTrue(exported.linked(), exported.toString());
    assertEquals(TrainedFiles.STEP, exported.step());
    ObjectNode node = cases.addObject().put("name", of.name()).put("folder", target);
    RowPredictor predictor = RowPredictor.load(path, OPTIONS);
    RowHasher hasher = new RowHasher(definition);
    Random random = new Random(1);
    ObjectNode columns = node.putObject("columns");
    for (String column : List.of("city", "code", "x", "z", "more")) {
      columns.putArray(column);
    }
    ArrayNode ids = node.putArray("ids");
    ArrayNode values = node.putArray("values");
    ArrayNode offsets = node.putArray("offsets");
    ArrayNode expected = node.putArray("expected");
    for (int r = 0; r < ROWS; r++) {
      Map<String, Object> row = row(random);
      row.forEach((column, value) -> columns.withArray(column).addPOJO(value));
      for (int i = 0; i < hasher.texts().size(); i++) {
        Object text = row.get(hasher.texts().get(i));
        hasher.text(i, text == null ? null : text.toString());
      }
      for (int i = 0; i < hasher.numbers().size(); i++) {
        Object number = row.get(hasher.numbers().get(i));
        if (number == null) {
          hasher.noNumber(i);
        } else {
          hasher.number(i, ((Number) number).doubleValue());
        }
      }
      hasher.hash();
      ArrayNode rowIds = ids.addArray();
      ArrayNode rowValues = values.addArray();
      for (int k = 0; k < 5; k++) { // as many features as a row can have
        rowIds.add(k < hasher.count() ? hasher.ids()[k] : 0);
        rowValues.add(k < hasher.count() ? hasher.values()[k] : 0);
      }
      if (of.offset()) {
        offsets.add(((Number) row.get("more")).doubleValue());
      }
      fill(expected.addArray(), predicted(predictor, row));
    }
    return node;
  }

  /** What each program says of training, as one step could not tell whether it is the same. */
  private static final Map<String, List<String>> SAID =
      Map.of(
          "logistic",
              List.of("Adagrad(learning_rate=0.125,", "epsilon=0.0625)", "BinaryCrossentropy(red"),
          "softmax", List.of("keras.optimizers.Adam(", "amsgrad=True", "SparseCategorical"),
          "squared",
              List.of("momentum=0.5, nesterov=True)", "# L1 0.0 and L2 0.5 are", "[:, 0] / 2\n"),
          "huber", List.of("momentum=0.5", "clipnorm=10.0", "Huber(delta=0.75, red"),
          "poisson", List.of("weight_decay=0.25", "weight_decay(var_list=[model.bias])"),
          "hinge", List.of("l1_regularization_strength=0.1, l2_regularization_strength=0.25)"),
          "squared-hinge", List.of("CosineDecay(0.0, 100, alpha=", "warmup_steps=10"),
          "machine",
              List.of(
                  "    optimizer = keras.optimizers.Adagrad(",
                  "    optimizer_factors = keras.optimizers.Adam("),
          "machine-regression",
              List.of("PiecewiseConstantDecay([3, 9], [0.001, 5.0E-4, 1.0E-4])", "HalfSquared"),
          "copied", List.of("    return {}", "compile m with one of your choice"));

  @Test
  void programsSayHowTheModelWasTrained() throws Exception {
    for (Case of : cases()) {
      ObjectNode exported = written(new ObjectMapper().createArrayNode(), of);
      String program = Files.readString(Path.of(exported.path("folder").asText(), "model.py"));
      for (String part : Objects.requireNonNull(SAID.get(of.name()))) {
        assertTrue(program.contains(part), () -> of.name() + " lacks " + part + ":\n" + program);
      }
      assertTrue(program.contains("reduction=\"sum\")"), program);
      assertFalse(program.contains("sum_over_batch_size"), program);
    }
  }

  @Test
  void kerasPredictsTheSameAndTrainsOn() throws Exception {
    TensorFlowEnvironment tensorFlow = TensorFlowEnvironment.get();
    ObjectMapper mapper = new ObjectMapper();
    ArrayNode cases = mapper.createArrayNode();
    for (Case of : cases()) {
      written(cases, of);
    }
    Path plan = Files.writeString(folder.resolve("plan.json"), mapper.writeValueAsString(cases));
    List<String> printed = tensorFlow.run("keras_export.py", plan).lines().toList();
    List<String> expected = new ArrayList<>();
    double largest = 0;
    for (int i = 0; i < cases.size(); i++) {
      String[] words = printed.get(i).split("\t", -1);
      largest = Math.max(largest, Double.parseDouble(words[1]));
      assertTrue(Double.parseDouble(words[1]) <= 1e-6, printed.get(i));
      expected.add(cases.get(i).path("name").asText());
      if (!Set.of("machine", "copied").contains(words[0])) {
        // One step over all rows.
        assertEquals(Long.toString(TrainedFiles.STEP + 1), words[2], printed.get(i));
        assertTrue(Double.parseDouble(words[3]) > 0, printed.get(i));
      }
    }
    assertEquals(expected, printed.stream().map(line -> line.split("\t", -1)[0]).toList());
  }

  @Test
  void theFilesAreTheCheckpointsOwnAndSaysSo() throws Exception {
    Case of = cases().get(0);
    ArrayNode cases = new ObjectMapper().createArrayNode();
    ObjectNode made = written(cases, of);
    Path target = Path.of(made.path("folder").asText());
    assertTrue(
        CheckpointVerifier.verify(target.resolve("variables").toString(), OPTIONS, 1, n -> {})
            .good());
    String program = Files.readString(target.resolve("model.py"));
    assertTrue(program.contains("categorical: city, code\n"), program);
    assertTrue(program.contains("crosses: city*code\n"), program);
    assertFalse(program.matches("(?s).*\\{[a-z]+}.*"), program);
    assertTrue(Files.readString(target.resolve("scales.csv")).startsWith("feature,scale,mean\n"));
    Path source = Path.of(URI.create("file://" + folder.resolve("run-logistic/ckpt-7")));
    String data = "variables.data-00000-of-00002";
    assertTrue(Files.isSameFile(source.resolve(data), target.resolve(data)));

    Conflict e =
        assertThrows(
            Conflict.class, () -> KerasExport.write(source.toString(), target.toString(), OPTIONS));
    assertTrue(e.getMessage().contains("model.py"), e.getMessage());
  }

  @Test
  void whatKerasIsNotToldHowToBuildIsRefused() throws Exception {
    ModelDefinition own = new ModelDefinition("my-model", new TreeMap<>());
    String path =
        TrainedFiles.write(
            folder.resolve("own").toString(),
            linear(new LogisticLoss()),
            own,
            optimizer("sgd"),
            FeatureScales.NONE,
            Optional.empty());
    Path target = folder.resolve("refused");
    Mismatch e =
        assertThrows(Mismatch.class, () -> KerasExport.write(path, target.toString(), OPTIONS));
    assertTrue(
        e.getMessage().contains("found my-model, which is a program's own model"), e.getMessage());
    assertTrue(e.getMessage().contains("tf.train.Checkpoint(model=.."), e.getMessage());
    Mismatch bare =
        assertThrows(
            Mismatch.class,
            () -> KerasExport.write(path + "/variables", target.toString(), OPTIONS));
    assertTrue(bare.getMessage().contains("no manifest"), bare.getMessage());
    assertFalse(Files.exists(target));
  }
}
