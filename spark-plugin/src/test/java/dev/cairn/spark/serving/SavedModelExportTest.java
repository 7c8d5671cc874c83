package dev.cairn.spark.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Offset;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.RowHasher;
import dev.cairn.checkpoint.savedmodel.Signature;
import dev.cairn.checkpoint.savedmodel.Tensor;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.model.Decision;
import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.HingeLoss;
import dev.cairn.spark.model.HuberLoss;
import dev.cairn.spark.model.Kernel;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.PoissonLoss;
import dev.cairn.spark.model.RowScorer;
import dev.cairn.spark.model.SoftmaxModel;
import dev.cairn.spark.model.SquaredHingeLoss;
import dev.cairn.spark.model.SquaredLoss;
import dev.cairn.spark.shard.Initializer;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is exported answers as {@code predict} does, in real TensorFlow: by its functions, by its
 * graph for sessions, and after it was saved once more. One Python for all kinds of models.
 */
class SavedModelExportTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final FolderOptions OPTIONS = FolderOptions.defaults();
  private static final int ROWS = 60;

  /** What answers may differ by, relative to what is larger than 1. */
  private static final double CLOSE = 1e-12;

  @TempDir Path temp;

  /** A model, and what goes in. */
  private record Case(
      String name, Model model, FeatureScales scales, Optional<FeatureDefinition> definition) {}

  /** A call of one signature, and what it must answer. */
  private record Call(ObjectNode request, List<Map<String, double[]>> expected) {}

  private static FeatureDefinition definition(int size, boolean offset) {
    FeatureDefinition made =
        new FeatureDefinition(
            List.of(new FeatureDefinition.Derived("hour", "hour(date)")),
            List.of("Origin", "hour", "dep. time", "carrier name, in full"),
            List.of("distance", "delay", "hour"),
            List.of(List.of("Origin", "hour"), List.of("distance", "hour", "Origin")),
            size,
            Optional.empty(),
            FeatureDefinition.Nulls.ABSENT);
    return offset ? made.withOffset(Optional.of(Offset.ofColumn("log exposure"))) : made;
  }

  /** Numbers are scaled, and centred if the model does it; one is constant. */
  private static FeatureScales scales(FeatureDefinition definition, boolean centred) {
    RowHasher hasher = new RowHasher(definition);
    int first = hasher.id(definition.categorical().size());
    int second = hasher.id(definition.categorical().size() + 1);
    TreeMap<Integer, double[]> all = new TreeMap<>();
    all.put(first, new double[] {7.5, centred ? 3.25 : 0});
    all.put(second, new double[] {0, 0});
    all.put(definition.size() - 1, new double[] {0.5, centred ? -0.125 : 0});
    return new FeatureScales(
        all.keySet().stream().mapToInt(id -> id).toArray(),
        all.values().stream().mapToDouble(one -> one[0]).toArray(),
        all.values().stream().mapToDouble(one -> one[1]).toArray());
  }

  private static FactorizationMachine machine(
      int size, boolean intercept, boolean linear, boolean classes) {
    return new FactorizationMachine(
        size,
        5,
        intercept,
        linear,
        classes ? new LogisticLoss() : new SquaredLoss(),
        Initializer.normal(0.1, 1));
  }

  private static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    FeatureDefinition some = definition(1000, false);
    FeatureDefinition few = definition(16, true);
    Optional<FeatureDefinition> none = Optional.empty();
    all.add(of("logistic", new LinearModel(1000, true, new LogisticLoss()), some));
    all.add(of("poisson", new LinearModel(16, true, new PoissonLoss()), few));
    all.add(of("softmax", new SoftmaxModel(1000, 4, true), some));
    all.add(of("fm", machine(16, true, true, true), few));
    all.add(of("fm-regression", machine(1000, true, true, false), some));
    List<Model> plain =
        List.of(
            new LinearModel(40, true, new LogisticLoss()),
            new LinearModel(40, false, new SquaredLoss()),
            new LinearModel(40, true, new HuberLoss(1.35)),
            new LinearModel(40, true, new PoissonLoss()),
            new LinearModel(40, true, new HingeLoss()),
            new LinearModel(40, true, new SquaredHingeLoss()),
            new SoftmaxModel(40, 3, false),
            machine(40, true, true, true),
            machine(40, false, false, false));
    for (Model model : plain) {
      FeatureScales scales =
          model.centres()
              ? new FeatureScales(
                  new int[] {0, 7, 39}, new double[] {2, 0, 0.3}, new double[] {1, 0, -2})
              : new FeatureScales(new int[] {3, 4}, new double[] {2, 0});
      all.add(
          new Case("vectors " + all.size() + " " + model.definition().kind(), model, scales, none));
    }
    all.add(
        new Case(
            "many", new LinearModel(70_000, true, new LogisticLoss()), FeatureScales.NONE, none));
    return all;
  }

  private static Case of(String name, Model model, FeatureDefinition definition) {
    return new Case(name, model, scales(definition, model.centres()), Optional.of(definition));
  }

  /** Answers of rows as they go out: by name what each row has, several numbers for classes. */
  private static Map<String, double[]> answer(Decision decision, double[] scores) {
    Map<String, double[]> answer = new LinkedHashMap<>();
    answer.put("prediction", new double[] {decision.of(scores, 0)});
    if (decision instanceof Decision.TwoSided) {
      answer.put("margin", scores.clone());
    }
    if (decision instanceof Decision.Odds) {
      answer.put("probability", new double[] {LogisticLoss.probability(scores[0])});
    }
    if (decision instanceof Decision.Softmax) {
      double[] probabilities = scores.clone();
      decision.probabilities(probabilities);
      answer.put("probabilities", probabilities);
      answer.put("probability", new double[] {Arrays.stream(probabilities).max().orElseThrow()});
    }
    return answer;
  }

  private static ObjectNode input(ObjectNode call, String name, String type, int... shape) {
    ObjectNode input = ((ObjectNode) call.get("inputs")).putObject(name).put("type", type);
    input.putPOJO("shape", shape);
    input.putArray("values");
    return input;
  }

  private static ArrayNode values(ObjectNode call, String name) {
    return (ArrayNode) call.get("inputs").get(name).get("values");
  }

  private static ObjectNode call(String signature) {
    ObjectNode call = JSON.createObjectNode().put("signature", signature);
    call.putObject("inputs");
    return call;
  }

  /** Rows as columns: texts, numbers, nulls. */
  private static Call columns(Case one, String run, Random random) throws IOException {
    FeatureDefinition definition = one.definition().orElseThrow();
    RowPredictor predictor = RowPredictor.load(run, OPTIONS);
    RowHasher hasher = new RowHasher(definition);
    ObjectNode call = call(Signature.DEFAULT);
    for (String column : predictor.columns()) {
      boolean text = hasher.texts().contains(column);
      input(call, Signature.argumentName(column), text ? "string" : "float64", ROWS);
    }
    List<Map<String, double[]>> expected = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      Map<String, Object> row = new LinkedHashMap<>();
      for (String column : predictor.columns()) {
        ArrayNode values = values(call, Signature.argumentName(column));
        boolean needed = definition.offset().map(Offset::column).equals(Optional.of(column));
        boolean absent = !needed && random.nextInt(6) == 0;
        if (hasher.texts().contains(column)) {
          String text =
              definition.numeric().contains(column)
                  ? Double.toString(random.nextInt(40) * 0.25)
                  : text(random);
          row.put(column, absent ? null : text);
          values.add(absent ? "" : text);
        } else {
          double number = random.nextInt(5) == 0 ? 0 : random.nextGaussian() * 100 / 7;
          double given = needed ? number / 100 : number;
          row.put(column, absent ? null : given);
          values.add(absent ? Double.NaN : given);
        }
      }
      expected.add(answer(one.model().decision(), predictor.scores(row)));
    }
    return new Call(call, expected);
  }

  /** Of any length, up to the bytes of several words, and in other scripts. */
  private static String text(Random random) {
    String letters = "abcdefghijklmnop ABC=*,:0123456789\u00e4\u00df\u6771\u4eac\ud83d\ude80";
    int[] points = letters.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(23); i >= 0; i--) {
      text.appendCodePoint(points[random.nextInt(points.length)]);
    }
    return text.toString();
  }

  private static RowScorer scorer(Case one, String run) throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(RunResult.find(run, OPTIONS), OPTIONS)) {
      return new RowScorer(
          one.model(),
          one.scales(),
          StoredParameters.read(reader, one.model(), StoredParameters.PIECE));
    }
  }

  /** Rows as places and values, filled up with places below 0 and with values of 0. */
  private static Call indices(Case one, String run, String signature, Random random)
      throws IOException {
    boolean offsets = one.definition().flatMap(FeatureDefinition::offset).isPresent();
    int most = Math.min(12, one.model().features());
    ObjectNode call = call(signature);
    input(call, "indices", "int64", ROWS, most);
    input(call, "values", "float32", ROWS, most);
    if (offsets) {
      input(call, "offset", "float64", ROWS);
    }
    RowScorer scorer = scorer(one, run);
    List<Map<String, double[]>> expected = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      TreeMap<Integer, Double> row = new TreeMap<>();
      for (int k = random.nextInt(most + 1); k > 0; k--) {
        int id = k == 1 ? one.model().features() - 1 : random.nextInt(one.model().features());
        row.put(id, (double) (float) (k % 3 == 0 ? 1 : random.nextGaussian()));
      }
      List<Integer> ids = new ArrayList<>(row.keySet());
      java.util.Collections.shuffle(ids, random);
      for (int k = 0; k < most; k++) {
        boolean there = k < ids.size();
        values(call, "indices").add(there ? ids.get(k) : k % 2 == 0 ? -1 : 0);
        values(call, "values").add(there ? row.get(ids.get(k)) : k % 2 == 0 ? 5.0 : 0.0);
      }
      double offset = offsets ? random.nextGaussian() : 0;
      if (offsets) {
        values(call, "offset").add(offset);
      }
      double[] scores = new double[one.model().kernel().outputs()];
      scorer.scores(
          row.keySet().stream().mapToInt(id -> id).toArray(),
          row.values().stream().mapToDouble(value -> value).toArray(),
          row.size(),
          offset,
          scores);
      expected.add(answer(one.model().decision(), scores));
    }
    return new Call(call, expected);
  }

  private static Call vectors(Case one, String run, Random random) throws IOException {
    int size = one.model().features();
    ObjectNode call = call(Signature.DEFAULT);
    input(call, "features", "float32", ROWS, size);
    RowScorer scorer = scorer(one, run);
    List<Map<String, double[]>> expected = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      double[] numbers = new double[size];
      for (int id = 0; id < size; id++) {
        numbers[id] = random.nextBoolean() ? 0 : (float) random.nextGaussian();
        values(call, "features").add(numbers[id]);
      }
      double[] scores = new double[one.model().kernel().outputs()];
      scorer.scores(numbers, 0, scores);
      expected.add(answer(one.model().decision(), scores));
    }
    return new Call(call, expected);
  }

  private String run(Case one, Optional<Model> said) throws IOException {
    String run = temp.resolve("run " + one.name()).toString();
    float[][] numbers = StoredModels.random(one.model(), 11);
    StoredModels.write(run, one.model(), said, numbers, one.scales(), one.definition());
    return run;
  }

  @Test
  void everyModelAnswersAsPredictDoes() throws Exception {
    TensorFlowEnvironment tensorflow = TensorFlowEnvironment.get();
    Random random = new Random(5);
    ArrayNode requests = JSON.createArrayNode();
    List<List<Call>> all = new ArrayList<>();
    for (Case one : cases()) {
      String run = run(one, Optional.of(one.model()));
      Path folder = temp.resolve("saved/" + one.name().replace(' ', '-'));
      SavedModelExport.Written written = SavedModelExport.write(run, folder.toString(), OPTIONS);
      assertEquals(one.model().definition().kind(), written.kind());
      assertEquals(List.of(Signature.DEFAULT, SavedModelExport.SPARSE), names(written));
      List<Call> calls = new ArrayList<>();
      if (one.definition().isPresent()) {
        calls.add(columns(one, run, random));
      } else if (one.model().features() <= 65_536) {
        calls.add(vectors(one, run, random));
      } else {
        calls.add(indices(one, run, Signature.DEFAULT, random));
      }
      calls.add(indices(one, run, SavedModelExport.SPARSE, random));
      all.add(calls);
      ObjectNode request = requests.addObject().put("folder", folder.toString());
      ArrayNode asked = request.putArray("calls");
      calls.forEach(call -> asked.add(call.request()));
    }
    Path file = temp.resolve("requests.json");
    Files.writeString(file, JSON.writeValueAsString(requests));
    JsonNode answers = JSON.readTree(tensorflow.run("serve.py", file));
    double largest = 0;
    for (int m = 0; m < all.size(); m++) {
      for (int c = 0; c < all.get(m).size(); c++) {
        JsonNode found = answers.get(m).get("results").get(c);
        String what = cases().get(m).name() + ", call " + c;
        largest = Math.max(largest, difference(all.get(m).get(c).expected(), found, what));
      }
    }
    System.out.println("Largest relative difference of TensorFlow's answers: " + largest);
    assertTrue(largest <= CLOSE, "largest difference " + largest);
    String shown = answers.get(0).get("shown").asText();
    assertTrue(shown.contains("signature_def['serving_default']"), shown);
    assertTrue(shown.contains("inputs['carrier_name__in_full'] tensor_info"), shown);
  }

  private static List<String> names(SavedModelExport.Written written) {
    return written.calls().stream().map(SavedModelExport.Call::name).toList();
  }

  /** The largest difference, relative to what is larger than 1. */
  private static double difference(
      List<Map<String, double[]>> expected, JsonNode found, String what) {
    assertEquals(expected.get(0).size(), found.size(), () -> what + ": " + found);
    double largest = 0;
    for (int i = 0; i < expected.size(); i++) {
      for (Map.Entry<String, double[]> one : expected.get(i).entrySet()) {
        JsonNode row = found.get(one.getKey()).get(i);
        for (int k = 0; k < one.getValue().length; k++) {
          double value = (row.isArray() ? row.get(k) : row).asDouble();
          double wanted = one.getValue()[k];
          double apart = Math.abs(value - wanted) / Math.max(1, Math.abs(wanted));
          String which = what + ", row " + i + ", " + one.getKey() + ": " + value;
          assertTrue(apart <= 1e-6, () -> which + ", expected " + wanted);
          largest = Math.max(largest, apart);
        }
      }
    }
    return largest;
  }

  /** A program's own model, whose forward pass the program says. */
  private record Doubled(int features) implements Model {
    private static final long serialVersionUID = 1L;

    @Override
    public ModelDefinition definition() {
      return new ModelDefinition("doubled", new TreeMap<>(Map.of("features", "" + features)));
    }

    @Override
    public List<ParameterVariable> variables() {
      return List.of(ParameterVariable.table("weights", features, 1));
    }

    @Override
    public LabelKind labels() {
      return LabelKind.NUMBER;
    }

    @Override
    public boolean centres() {
      return false;
    }

    @Override
    public Kernel kernel() {
      throw new UnsupportedOperationException("nothing is scored here");
    }
  }

  @Test
  void modelsOfOnesOwnNeedTheirForwardPass() throws Exception {
    Model model = new Doubled(3);
    Case one = new Case("own", model, FeatureScales.NONE, Optional.empty());
    String run = run(one, Optional.of(model));
    String target = temp.resolve("own saved").toString();
    Mismatch refused =
        assertThrows(Mismatch.class, () -> SavedModelExport.write(run, target, OPTIONS));
    assertTrue(refused.getMessage().contains("found doubled, which is a program's own"));
    assertTrue(refused.getMessage().contains("ForwardPass"), refused.getMessage());
    assertFalse(Files.exists(Path.of(target)));
    SavedModelExport.Written written =
        SavedModelExport.write(
            run,
            target,
            model,
            (in, features, variables) -> {
              Tensor sums = features.sums(variables.apply("weights"));
              in.output("twice", in.multiply(sums, in.constant(2.0)), Signature.FREE, 1);
            },
            OPTIONS);
    assertEquals(List.of("twice"), written.calls().get(0).outputs());
    ArrayNode requests = JSON.createArrayNode();
    ObjectNode call = call(Signature.DEFAULT);
    input(call, "features", "float32", 2, 3);
    IntStream.range(0, 6).forEach(i -> values(call, "features").add(i));
    requests.addObject().put("folder", target).putArray("calls").add(call);
    Path file = temp.resolve("own.json");
    Files.writeString(file, JSON.writeValueAsString(requests));
    JsonNode answers = JSON.readTree(TensorFlowEnvironment.get().run("serve.py", file));
    float[] weights = StoredModels.random(model, 11)[0];
    JsonNode twice = answers.get(0).get("results").get(0).get("twice");
    assertEquals(2.0 * (weights[1] + 2.0 * weights[2]), twice.get(0).get(0).asDouble(), 1e-12);
  }
}
