package dev.cairn.spark.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.data.RowChunk;
import dev.cairn.spark.data.SampleRows;
import dev.cairn.spark.model.KnownModels.Known;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every model against its definition and finite differences, on rows of every form. */
class ModelGradientsTest {
  private static final int FEATURES = KnownModels.FEATURES;

  /** Forms of rows. */
  private enum Form {
    SPARSE,
    ONES,
    WEIGHTED,
    DENSE,
    OFFSET
  }

  static List<Known> models() {
    return KnownModels.all();
  }

  static Stream<Arguments> modelsAndForms() {
    return models().stream()
        .flatMap(
            known ->
                Arrays.stream(Form.values())
                    .filter(form -> form != Form.OFFSET || known.model().apply(true).addsOffsets())
                    .flatMap(
                        form ->
                            Stream.of(true, false)
                                .map(intercept -> Arguments.of(known, form, intercept))));
  }

  /** Rows with labels of a kind, some of them without features. */
  private static RowChunk rows(int count, Form form, LabelKind kind, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RowChunk rows = SampleRows.random(count, form == Form.ONES, seed);
    if (form == Form.DENSE) {
      float[][] values = new float[count][FEATURES];
      for (int i = 1; i < count; i++) {
        for (int k = 0; k < FEATURES; k++) {
          values[i][k] = (float) random.nextDouble(-0.5, 0.5);
        }
      }
      rows = SampleRows.dense(new float[count], values);
    }
    float[] labels = new float[count];
    float[] weights = new float[form == Form.WEIGHTED ? count : 0];
    float[] offsets = new float[form == Form.OFFSET ? count : 0];
    for (int i = 0; i < count; i++) {
      labels[i] =
          switch (kind) {
            case BINARY -> random.nextInt(2);
            case CLASS, CLASS_OR_SIGN -> random.nextInt(KnownModels.CLASSES);
            case NUMBER -> (float) random.nextGaussian();
            case COUNT -> random.nextInt(9) / 2f;
          };
      if (weights.length > 0) {
        weights[i] = (1 + i % 4) / 2f;
      }
      if (offsets.length > 0) {
        offsets[i] = i % 5 == 0 ? 0 : (float) random.nextDouble(-1, 1);
      }
    }
    return new RowChunk(
        rows.hashes(), labels, rows.starts(), rows.ids(), rows.values(), weights, offsets);
  }

  private static OnBatch on(Model model, Kernel kernel, RowChunk rows, FeatureScales scales) {
    return new OnBatch(
        model, kernel, SampleRows.batch(rows, model.labels(), model.features(), scales));
  }

  private static OnBatch on(Model model, Kernel kernel, RowChunk rows) {
    return on(model, kernel, rows, FeatureScales.NONE);
  }

  private static double[][] zeros(Model model) {
    return model.variables().stream()
        .map(variable -> new double[(int) variable.rows() * variable.width()])
        .toArray(double[][]::new);
  }

  /** The kernel's gradients of its numbers; 0 for those that it does not need. */
  private static double[][] gradients(Model model, OnBatch kernel) {
    double[][] gradients = zeros(model);
    for (int i = 0; i < kernel.gradients.length; i++) {
      gradients[kernel.variable(i)][kernel.place(i)] = kernel.gradients[i];
    }
    return gradients;
  }

  /** Numbers for all that the kernel wants; what it does not want is 0. */
  private static double[][] variables(Model model, OnBatch kernel, long seed) {
    double[][] variables = zeros(model);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < kernel.values.length; i++) {
      variables[kernel.variable(i)][kernel.place(i)] = (float) random.nextDouble(-0.5, 0.5);
    }
    kernel.with(variables);
    return variables;
  }

  private static double[][] writtenOut(RowChunk rows) {
    double[][] written = new double[rows.rows()][FEATURES];
    for (int i = 0; i < rows.rows(); i++) {
      for (int k = rows.starts()[i]; k < rows.starts()[i + 1]; k++) {
        written[i][rows.ids()[k]] = SampleRows.value(rows, k);
      }
    }
    return written;
  }

  private static double loss(Known known, double[][] variables, RowChunk rows, double[][] x) {
    double loss = 0;
    for (int i = 0; i < rows.rows(); i++) {
      double offset = SampleRows.offset(rows, i);
      loss += SampleRows.weight(rows, i) * known.loss(variables, rows.labels()[i], x[i], offset);
    }
    return loss;
  }

  /** The rows of every table that is trained, and the intercept's, if that is. */
  private static void assertWanted(Known known, Model model, OnBatch kernel, boolean intercept) {
    ParameterLayout layout = model.layout();
    ParameterVariable bias = layout.variables().get(layout.variables().size() - 1);
    assertEquals("bias", bias.name());
    int rows = known.tables() * kernel.batch.distinct() + (intercept ? (int) bias.rows() : 0);
    assertEquals(rows, kernel.at.count());
  }

  private static double slope(DoubleSupplier loss, double[] numbers, int place) {
    double h = 1e-5;
    double at = numbers[place];
    numbers[place] = at + h;
    double above = loss.getAsDouble();
    numbers[place] = at - h;
    double below = loss.getAsDouble();
    numbers[place] = at;
    return (above - below) / (2 * h);
  }

  @ParameterizedTest
  @MethodSource("modelsAndForms")
  void isItsDefinitionAndItsDerivative(Known known, Form form, boolean intercept) {
    Model model = known.model().apply(intercept);
    RowChunk rows = rows(40, form, model.labels(), 3);
    double[][] x = writtenOut(rows);
    OnBatch kernel = on(model, model.kernel(), rows);
    assertWanted(known, model, kernel, intercept);
    double[][] variables = variables(model, kernel, 4);
    double[] scores = kernel.scores();
    int outputs = model.kernel().outputs();
    for (int i = 0; i < rows.rows(); i++) {
      double[] found = Arrays.copyOfRange(scores, i * outputs, (i + 1) * outputs);
      double[] expected = known.scores(variables, x[i], SampleRows.offset(rows, i));
      assertArrayEquals(expected, found, 1e-12, "row " + i);
    }
    double loss = kernel.gradient();
    assertEquals(loss(known, variables, rows, x), loss, 1e-12 * loss);
    assertEquals(loss, kernel.loss());
    for (int i = 0; i < kernel.gradients.length; i++) {
      int place = kernel.place(i);
      double[] numbers = variables[kernel.variable(i)];
      double slope = slope(() -> loss(known, variables, rows, x), numbers, place);
      assertEquals(
          slope,
          kernel.gradients[i],
          1e-6 * Math.max(1, Math.abs(slope)),
          "number " + place + " of variable " + kernel.variable(i));
    }
  }

  /** Other batches, larger and smaller, with weights and without, leave nothing behind. */
  @ParameterizedTest
  @MethodSource("models")
  void theSameBitsWhateverWasComputedBefore(Known known) {
    Model model = known.model().apply(true);
    RowChunk rows = rows(1200, Form.SPARSE, model.labels(), 5);
    OnBatch fresh = on(model, model.kernel(), rows);
    double[][] variables = variables(model, fresh, 6);
    double loss = fresh.gradient();
    double definition = loss(known, variables, rows, writtenOut(rows));
    assertEquals(definition, loss, 1e-12 * loss);
    Kernel used = model.kernel();
    for (int count : new int[] {3, 2000, 0, 40}) {
      for (Form form : Form.values()) {
        OnBatch other = on(model, used, rows(count, form, model.labels(), count));
        variables(model, other, 7);
        other.gradient();
        other.scores();
      }
    }
    OnBatch again = on(model, used, rows).with(variables);
    for (int time = 0; time < 2; time++) {
      assertEquals(loss, again.gradient());
      assertArrayEquals(fresh.gradients, again.gradients);
      assertEquals(loss, again.loss());
      assertArrayEquals(fresh.scores(), again.scores());
    }
  }

  /**
   * Centred features, one of which no sample of the batch has: the same loss, scores and gradients
   * as of rows in which every value is written out. A model that does not centre has no more to do
   * than the others with scaled features.
   */
  @ParameterizedTest
  @MethodSource("models")
  void standardisedIsAsIfValuesWereWrittenOut(Known known) {
    Model model = known.model().apply(true);
    RowChunk rows = rows(60, Form.SPARSE, model.labels(), 8);
    double[] shifts = model.centres() ? new double[] {0.25, -1, 3} : new double[3];
    int[] numeric = {2, 5, FEATURES - 1};
    FeatureScales scales = new FeatureScales(numeric, new double[] {0.5, 2, 4}, shifts);
    float[][] values = new float[rows.rows()][FEATURES];
    for (int i = 0; i < rows.rows(); i++) {
      for (int k = rows.starts()[i]; k < rows.starts()[i + 1]; k++) {
        int id = rows.ids()[k];
        values[i][id] = (float) (SampleRows.value(rows, k) / scales.scale(id));
      }
      for (int n = 0; n < numeric.length; n++) {
        values[i][numeric[n]] -= (float) (shifts[n] / scales.scale(numeric[n]));
      }
    }
    OnBatch sparse = on(model, model.kernel(), rows, scales);
    double[][] variables = variables(model, sparse, 9);
    OnBatch written =
        on(model, model.kernel(), SampleRows.dense(rows.labels(), values)).with(variables);
    double loss = sparse.gradient();
    assertEquals(written.gradient(), loss, 1e-5 * loss);
    assertArrayEquals(written.scores(), sparse.scores(), 1e-5);
    double[][] expected = gradients(model, written);
    for (int i = 0; i < sparse.values.length; i++) {
      double gradient = expected[sparse.variable(i)][sparse.place(i)];
      assertEquals(
          gradient, sparse.gradients[i], 1e-4 * Math.max(1, Math.abs(gradient)), "number " + i);
    }
  }

  /** The batches of a partition share its arrays: together they are what one batch of all is. */
  @ParameterizedTest
  @MethodSource("models")
  void batchesOfAPartitionAddUp(Known known) {
    Model model = known.model().apply(true);
    RowChunk rows = rows(50, Form.WEIGHTED, model.labels(), 12);
    FeatureScales scales =
        new FeatureScales(
            new int[] {3, 30}, new double[] {1, 2}, new double[] {model.centres() ? 1 : 0, 0});
    OnBatch whole = on(model, model.kernel(), rows, scales);
    double[][] variables = variables(model, whole, 13);
    double loss = whole.gradient();
    double[][] left = gradients(model, whole);
    Kernel kernel = model.kernel();
    double lossOfParts = 0;
    List<Double> scores = new ArrayList<>();
    for (Batch batch : SampleRows.batches(rows, model.labels(), FEATURES, scales, 3)) {
      OnBatch part = new OnBatch(model, kernel, batch).with(variables);
      lossOfParts += part.gradient();
      Arrays.stream(part.scores()).forEach(scores::add);
      for (int i = 0; i < part.values.length; i++) {
        left[part.variable(i)][part.place(i)] -= part.gradients[i];
      }
    }
    assertEquals(loss, lossOfParts, 1e-12 * loss);
    assertArrayEquals(
        whole.scores(), scores.stream().mapToDouble(Double::doubleValue).toArray(), 0);
    for (double[] numbers : left) {
      assertArrayEquals(new double[numbers.length], numbers, 1e-4);
    }
  }

  /** Whichever number it is, and whatever loss is added to: no part of the sum hides it. */
  @ParameterizedTest
  @MethodSource("models")
  void divergedValuesShowInTheLoss(Known known) {
    Model model = known.model().apply(true);
    for (Form form : List.of(Form.ONES, Form.WEIGHTED)) {
      OnBatch kernel = on(model, model.kernel(), rows(60, form, model.labels(), 10));
      double[][] variables = variables(model, kernel, 11);
      for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
        for (int i = 0; i < kernel.values.length; i++) {
          assertTrue(Double.isFinite(kernel.with(variables).gradient()));
          kernel.values[i] = bad;
          assertFalse(Double.isFinite(kernel.gradient()), bad + " at " + i);
          assertFalse(Double.isFinite(kernel.loss()), bad + " at " + i);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void emptyBatchesAndRowsOfNothing(Known known) {
    Model model = known.model().apply(true);
    OnBatch empty = on(model, model.kernel(), rows(0, Form.SPARSE, model.labels(), 1));
    assertEquals(0, empty.at.count());
    assertEquals(0, empty.gradient());
    assertEquals(0, empty.loss());
    assertEquals(0, empty.scores().length);
    Model without = known.model().apply(false);
    RowChunk rows = SampleRows.dense(new float[] {1, 0}, new float[2][0]);
    OnBatch nothing = on(without, without.kernel(), rows);
    assertEquals(0, nothing.values.length);
    double[][] zeros = variables(without, nothing, 2);
    double loss = loss(known, zeros, rows, new double[2][FEATURES]);
    assertEquals(loss, nothing.gradient(), 1e-15);
  }

  @ParameterizedTest
  @MethodSource("models")
  void missingRoomIsRefused(Known known) {
    Model model = known.model().apply(true);
    RowChunk rows = rows(10, Form.SPARSE, model.labels(), 1);
    Batch batch = SampleRows.batch(rows, model.labels(), FEATURES, FeatureScales.NONE);
    Kernel kernel = model.kernel();
    RowSet at = new RowSet(model.layout()).fill(kernel, batch);
    float[] enough = new float[at.elements()];
    float[] tooFew = new float[at.elements() - 1];
    for (float[][] pair : new float[][][] {{enough, tooFew}, {tooFew, enough}}) {
      assertThrows(
          IllegalArgumentException.class, () -> kernel.gradient(batch, at, pair[0], pair[1]));
    }
  }
}
