package dev.cairn.spark.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.data.RowRouter;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.ml.LogisticRegression;
import dev.cairn.spark.ml.LogisticRegressionModel;
import dev.cairn.spark.model.Kernel;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.RowSet;
import dev.cairn.spark.model.TestCounter;
import dev.cairn.spark.reading.ReadModels;
import dev.cairn.spark.shard.ParameterVariable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkConf;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A row has one margin, to the last bit: judged in a batch of many, transformed as a dense or a
 * sparse vector, and predicted alone; with features that are centred, divided, constant, or taken
 * as they are.
 */
class SameMarginsTest {
  private static final int FEATURES = 400;

  /** These are numeric: 0 in all rows, 1 in most, 2 in few, 3 is constant. */
  private static final int NUMERIC = 4;

  private static final int ROWS = 300;

  /** The scores that a kernel gave to rows, by their labels, which are numbers of rows. */
  private static final Map<Integer, Double> JUDGED = new ConcurrentHashMap<>();

  @TempDir Path folder;

  /** Tells what its kernels compute. */
  private record Recorded(Model model) implements Model {
    @Override
    public ModelDefinition definition() {
      return model.definition();
    }

    @Override
    public List<ParameterVariable> variables() {
      return model.variables();
    }

    @Override
    public LabelKind labels() {
      return LabelKind.NUMBER;
    }

    @Override
    public int features() {
      return model.features();
    }

    @Override
    public boolean centres() {
      return model.centres();
    }

    @Override
    public TestCounter counter(double threshold) {
      return model.counter(threshold);
    }

    @Override
    public Kernel kernel() {
      return new RecordedKernel(model.kernel());
    }
  }

  private record RecordedKernel(Kernel kernel) implements Kernel {
    @Override
    public void rows(Batch batch, RowSet wanted) {
      kernel.rows(batch, wanted);
    }

    @Override
    public double gradient(Batch batch, RowSet at, float[] values, float[] gradients) {
      throw new AssertionError("nothing is trained");
    }

    @Override
    public double loss(Batch batch, RowSet at, float[] values) {
      throw new AssertionError("all figures are wanted");
    }

    @Override
    public int outputs() {
      return kernel.outputs();
    }

    @Override
    public void scores(Batch batch, RowSet at, float[] values, double[] scores) {
      kernel.scores(batch, at, values, scores);
      for (int i = 0; i < batch.samples(); i++) {
        JUDGED.put((int) batch.labels()[batch.firstSample() + i], scores[i]);
      }
    }
  }

  private static Vector features(Random random, int row) {
    TreeMap<Integer, Double> entries = new TreeMap<>();
    entries.put(0, 50 + 20 * random.nextGaussian());
    if (row % 7 != 0) {
      entries.put(1, -3 + random.nextGaussian() / 7);
    }
    if (row % 10 == 0) {
      entries.put(2, random.nextGaussian() * 1e4);
    }
    entries.put(3, 0.1);
    for (int i = 0; i < 12; i++) {
      entries.put(NUMERIC + random.nextInt(FEATURES - NUMERIC), 1.0);
    }
    int[] ids = entries.keySet().stream().mapToInt(Integer::intValue).toArray();
    double[] values = entries.values().stream().mapToDouble(Double::doubleValue).toArray();
    Vector sparse = Vectors.sparse(FEATURES, ids, values);
    return row % 3 == 0 ? sparse.toDense() : sparse;
  }

  private static Dataset<Row> rows(SparkSession spark) {
    Random random = new Random(5);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      Vector features = features(random, i);
      double label = features.apply(0) + 30 * random.nextGaussian() > 50 ? 1 : 0;
      rows.add(RowFactory.create(i, label, features));
    }
    StructType schema =
        new StructType()
            .add("row", DataTypes.IntegerType)
            .add("label", DataTypes.DoubleType)
            .add("features", SQLDataTypes.VectorType());
    return spark.createDataFrame(rows, schema).repartition(2).cache();
  }

  /** The rows as judging has them, with their numbers as labels. */
  private static TrainingData packed(Dataset<Row> rows) {
    var chunks =
        rows.select("row", "features")
            .javaRDD()
            .mapPartitionsToPair(
                part -> {
                  Iterator<Row> left = part;
                  return new RowRouter(LabelKind.NUMBER, FEATURES, 2, router -> add(router, left));
                });
    return TrainingData.pack(
        chunks, new TrainingData.Packing(FEATURES, 2, 70, 11, 1, LabelKind.NUMBER, true, true));
  }

  private static boolean add(RowRouter router, Iterator<Row> rows) {
    if (!rows.hasNext()) {
      return false;
    }
    Row row = rows.next();
    SparseVector features = ((Vector) row.get(1)).toSparse();
    router.add(row.getInt(0), 1, features.indices(), features.values(), features.numActives());
    return true;
  }

  @Test
  void judgedTransformedAndPredicted() throws Exception {
    SparkConf conf =
        new SparkConf(false)
            .setMaster("local[2]")
            .setAppName("test")
            .set("spark.plugins", "dev.cairn.spark.CairnPlugin")
            .set("spark.ui.enabled", "false");
    try (SparkSession spark = SparkSession.builder().config(conf).getOrCreate()) {
      Dataset<Row> rows = rows(spark);
      LogisticRegressionModel model =
          new LogisticRegression()
              .setPartitions(2)
              .setBatchRows(50)
              .setMaxIter(3)
              .setRunDir(folder.resolve("run").toUri().toString())
              .fit(rows);
      FoundModel found = FoundModel.at(model.checkpoint(), spark.sparkContext());
      assertEquals(2, found.scales().centred().length, "two are centred");
      assertEquals(4, found.scales().size(), "one more is divided, one is constant");
      assertEquals(0, found.scales().scale(3));
      JUDGED.clear();
      try (TrainingData packed = packed(rows)) {
        assertEquals(found.scales(), packed.scales());
        ReadModels.current("judge")
            .use(
                found.weights(),
                (group, step) -> judge(new Recorded(found.model()), group, packed));
      }
      assertEquals(ROWS, JUDGED.size());
      List<Row> scored = model.transform(rows).collectAsList();
      assertEquals(ROWS, scored.size());
      for (Row row : scored) {
        double judged = JUDGED.get(row.<Integer>getAs("row"));
        Vector features = row.getAs("features");
        assertEquals(judged, row.<Vector>getAs("rawPrediction").apply(1), "transformed");
        assertEquals(judged, model.predictRaw(features.toSparse()).apply(1), "a sparse vector");
        assertEquals(judged, model.predictRaw(features.toDense()).apply(1), "a dense vector");
      }
      assertTrue(JUDGED.values().stream().distinct().count() > ROWS / 2, "learned nothing");
    }
  }

  private static int judge(Model model, ShardGroup group, TrainingData packed) {
    JudgeTask task =
        new JudgeTask(
            model, group.directory(), new ArrayList<>(packed.partitionFingerprints()), "test", 0.5);
    List<JudgeTask.Judged> judged = packed.packed().mapPartitions(task).collect();
    for (JudgeTask.Judged one : judged) {
      assertEquals(SegmentOutcome.Kind.DONE, one.outcome().kind(), one.outcome().message());
    }
    return judged.size();
  }
}
