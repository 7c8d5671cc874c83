package dev.cairn.spark.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.data.RowChunk;
import dev.cairn.spark.data.SampleRows;
import dev.cairn.spark.shard.Initializer;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every model against Keras's losses and TensorFlow's derivatives, as {@code
 * src/test/resources/models/models.py} has recorded them in float64 of Keras 3.15.1 with TensorFlow
 * 2.21.0: scores, loss and gradients of a batch of six weighted rows. Factorization machines are
 * recorded pair by pair.
 */
class RecordedModelsTest {
  private static final JsonNode RECORDED = recorded();

  static List<Model> models() {
    Initializer factors = Initializer.normal(0.01, 1);
    return List.of(
        new LinearModel(4, true, new LogisticLoss()),
        new LinearModel(4, true, new SquaredLoss()),
        new LinearModel(4, true, new HuberLoss(1.25)),
        new LinearModel(4, true, new PoissonLoss()),
        new LinearModel(4, true, new HingeLoss()),
        new LinearModel(4, true, new SquaredHingeLoss()),
        new SoftmaxModel(4, 3, true),
        new FactorizationMachine(4, 2, true, true, new LogisticLoss(), factors),
        new FactorizationMachine(4, 2, true, true, new SquaredLoss(), factors));
  }

  private static JsonNode recorded() {
    try (InputStream in = RecordedModelsTest.class.getResourceAsStream("/models/models.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in, "models.json"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static double[] doubles(JsonNode array) {
    double[] doubles = new double[array.size()];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = array.get(i).doubleValue();
    }
    return doubles;
  }

  private static float[] floats(JsonNode array) {
    float[] floats = new float[array.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = array.get(i).floatValue();
    }
    return floats;
  }

  private static double[][] byVariable(Model model, JsonNode numbers) {
    return model.variables().stream()
        .map(variable -> doubles(numbers.get(variable.name())))
        .toArray(double[][]::new);
  }

  private static OnBatch onRecordedRows(Model model, float[] labels) {
    float[][] values = new float[labels.length][];
    for (int i = 0; i < values.length; i++) {
      values[i] = floats(RECORDED.get("rows").get(i));
    }
    RowChunk rows = SampleRows.dense(labels, values);
    RowChunk weighted =
        new RowChunk(
            rows.hashes(),
            rows.labels(),
            rows.starts(),
            rows.ids(),
            rows.values(),
            floats(RECORDED.get("weights")),
            new float[0]);
    return new OnBatch(
        model, model.kernel(), SampleRows.batch(weighted, model.labels(), 4, FeatureScales.NONE));
  }

  @ParameterizedTest
  @MethodSource("models")
  void isWhatTensorFlowComputes(Model model) {
    JsonNode recorded = RECORDED.get("models").get(model.definition().kind());
    OnBatch kernel =
        onRecordedRows(model, floats(recorded.get("labels")))
            .with(byVariable(model, recorded.get("values")));
    double loss = recorded.get("loss").doubleValue();
    assertEquals(loss, kernel.gradient(), 1e-14 * loss);
    assertArrayEquals(doubles(recorded.get("scores")), kernel.scores(), 1e-14);
    double[][] gradients = byVariable(model, recorded.get("gradients"));
    for (int i = 0; i < kernel.gradients.length; i++) {
      double expected = gradients[kernel.variable(i)][kernel.place(i)];
      assertEquals(
          expected,
          kernel.gradients[i],
          Math.ulp((float) expected),
          "number " + kernel.place(i) + " of variable " + kernel.variable(i));
    }
  }

  /** No recorded model is left out. */
  @Test
  void allThatIsRecordedIsTried() {
    Set<String> kinds = new TreeSet<>();
    RECORDED.get("models").fieldNames().forEachRemaining(kinds::add);
    Set<String> tried = new TreeSet<>();
    models().forEach(model -> tried.add(model.definition().kind()));
    assertEquals(kinds, tried);
  }
}
