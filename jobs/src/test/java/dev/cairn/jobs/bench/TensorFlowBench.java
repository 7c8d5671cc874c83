package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.RowRequest;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.train.ArrayVariable;
import dev.cairn.checkpoint.train.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Restores and saves of the same bytes in 1, 16 and 10,000 variables, here and in TensorFlow, in
 * turn: two threads here, as many as TensorFlow likes there. A restore ends in fresh arrays, as
 * RestoreV2 ends in fresh tensors, from the same files, which are in the page cache; all is
 * compared with checksums on both sides. A save is durable at its end, for which TensorFlow's files
 * and their folder are synced after SaveV2. Neither side has to ask the system for memory while it
 * is measured.
 *
 * <p>Then what Cairn does alone: one row of a variable in slices of 1 MiB, the match of a program
 * with a checkpoint of 100,000 variables, and the memory that a restore takes beside the arrays.
 */
final class TensorFlowBench {
  /** Room for the values that are saved, those that are restored, and no collection meanwhile. */
  static final String HEAP = "-XX:+UseParallelGC -Xms5g -Xmx5g -Xmn3g -XX:+AlwaysPreTouch";

  private static final int THREADS = 2;
  private static final int[] COUNTS = {1, 16, 10_000};
  private static final int SLICE_BYTES = 1 << 20;
  private static final int SINGLE_ROWS = 1000;
  private static final int MATCHES_TO_WARM_UP = 4;
  private static final int LAYERS = 1000;
  private static final int VARIABLES_OF_A_LAYER = 100;
  private static final FolderOptions OPTIONS = FolderOptions.defaults().withApplicationId("bench");

  private TensorFlowBench() {}

  public static void main(String[] arguments) throws Exception {
    String folder = RawStorage.Local.emptyFolder("tensorflow");
    try {
      Path python = TensorFlowSide.python();
      for (int count : COUNTS) {
        against(EqualVariables.filling(BenchOptions.tensorFlowMib(), count), folder, python);
      }
    } catch (RuntimeException e) { // how a test would be skipped
      System.out.println(
          Row.note("TF", "save and restore / TensorFlow", "not measured", "" + e.getMessage())
              .line());
    }
    oneRow(folder + "/sliced");
    match(folder + "/graph/ckpt");
    memory(folder);
    new RawStorage.Local().delete(folder);
    System.exit(0);
  }

  private static void against(EqualVariables variables, String folder, Path python)
      throws Exception {
    String ours = folder + "/" + variables.count() + "/ckpt";
    String theirs = folder + "/python";
    RawStorage raw = new RawStorage.Local();
    float[][] values = variables.values();
    Checkpoint program = variables.over(values);
    program.write(ours);
    try (TensorFlowSide tensorFlow = TensorFlowSide.start(python, variables)) {
      Side restoreV2 = () -> tensorFlow.restore(ours);
      Side saveV2 = () -> tensorFlow.save(theirs);
      String version = tensorFlow.version();
      pairs(
          variables,
          3,
          "CheckpointReader.readAll / RestoreV2",
          version,
          () -> read(variables, ours),
          restoreV2);
      pairs(
          variables,
          3,
          "Checkpoint.read / RestoreV2",
          version,
          () -> restore(variables, ours),
          restoreV2);
      pairs(
          variables,
          1.5,
          "Checkpoint.write / SaveV2, fsync",
          version,
          () -> {
            String prefix = folder + "/saved/ckpt";
            long start = System.nanoTime();
            program.write(prefix);
            double seconds = seconds(start);
            raw.delete(folder + "/saved");
            return seconds;
          },
          saveV2);
    }
    raw.delete(folder + "/" + variables.count());
  }

  /** Takes the seconds of one side's work. */
  private interface Side {
    double seconds() throws Exception;
  }

  private static void pairs(
      EqualVariables variables, double wanted, String what, String version, Side ours, Side theirs)
      throws Exception {
    double gigabytes = variables.bytes() / 1e9;
    Pairs pairs =
        Pairs.run(
            BenchOptions.rounds(),
            () -> {
              System.gc(); // what the last round left
              return gigabytes / ours.seconds();
            },
            () -> gigabytes / theirs.seconds());
    String of = String.format(Locale.ROOT, "%s, %,d variables", what, variables.count());
    System.out.println(
        Row.ratioAtLeast(
                wanted,
                "TF",
                of,
                pairs,
                of + ": Cairn " + pairs.ours().show("%.3f", "GB/s"),
                of + ": " + version + " " + pairs.theirs().show("%.3f", "GB/s"))
            .line());
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  /** An array that is made by whichever thread needs it first. */
  private static final class Fresh implements Supplier<float[]> {
    private final int length;
    private float @Nullable [] array;

    Fresh(int length) {
      this.length = length;
    }

    @Override
    public synchronized float[] get() {
      float[] made = array;
      if (made == null) {
        made = new float[length];
        array = made;
      }
      return made;
    }
  }

  private static double read(EqualVariables variables, String prefix) throws IOException {
    long start = System.nanoTime();
    List<RowRequest> requests = new ArrayList<>();
    try (CheckpointReader reader = CheckpointReader.open(prefix, OPTIONS)) {
      for (int i = 0; i < variables.count(); i++) {
        Fresh into = new Fresh(variables.rows() * EqualVariables.WIDTH);
        requests.add(new RowRequest(variables.key(i), 0, variables.rows(), into, 0));
      }
      reader.readAll(requests, THREADS);
    }
    return seconds(start);
  }

  /** Into a program whose variables have no arrays yet; the program is there before. */
  private static double restore(EqualVariables variables, String prefix) throws IOException {
    Checkpoint program = variables.empty();
    long start = System.nanoTime();
    program.read(prefix).assertConsumed();
    return seconds(start);
  }

  /** Saves one variable in slices of 1 MiB. */
  private static String sliced(EqualVariables one, CheckpointFolder folder) throws IOException {
    VariableSpec variable =
        new VariableSpec(one.key(0), DType.FLOAT, Shape.of(one.rows(), EqualVariables.WIDTH));
    float[] values = one.values()[0];
    int most = SLICE_BYTES / (EqualVariables.WIDTH * Float.BYTES);
    PendingCheckpoint pending = folder.begin(1, 1);
    try (ShardWriter writer = ShardWriter.create(pending.target(0), OPTIONS)) {
      for (int first = 0; first < one.rows(); first += most) {
        int rows = Math.min(most, one.rows() - first);
        Slice slice = Slice.rows(first, rows, 2);
        int width = EqualVariables.WIDTH;
        writer.write(variable, slice, values, first * width, rows * width);
      }
      pending.report(writer.finish());
    }
    return pending.commit(null, "bench", new TreeMap<>()).path();
  }

  private static void oneRow(String folder) throws Exception {
    EqualVariables one = EqualVariables.filling(BenchOptions.tensorFlowMib(), 1);
    double[] millis = new double[SINGLE_ROWS];
    try (CheckpointFolder checkpoints = CheckpointFolder.open(folder, OPTIONS);
        CheckpointReader reader = CheckpointReader.open(sliced(one, checkpoints), OPTIONS)) {
      Random random = new Random(1);
      float[] row = new float[EqualVariables.WIDTH];
      for (int i = 0; i < millis.length; i++) {
        long start = System.nanoTime();
        reader.readRows(one.key(0), random.nextInt(one.rows()), 1, row, 0);
        millis[i] = seconds(start) * 1e3;
      }
    }
    new RawStorage.Local().delete(folder);
    Samples samples = new Samples(millis);
    System.out.println(
        Row.atMost(
                2,
                samples.median(),
                "ms",
                "TF",
                "one row of a variable of "
                    + BenchOptions.tensorFlowMib()
                    + " MiB in slices of 1 MiB, reader open",
                "a row: " + samples.show("%.3f", "ms"))
            .line());
  }

  private static Checkpoint layers() {
    TreeMap<String, Trackable> layers = new TreeMap<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      TreeMap<String, Trackable> variables = new TreeMap<>();
      for (int i = 0; i < VARIABLES_OF_A_LAYER; i++) {
        variables.put("v" + i, ArrayVariable.zeros(DType.FLOAT, Shape.of(3)));
      }
      layers.put("layer" + layer, new Layer(variables));
    }
    return new Checkpoint(layers);
  }

  private static final class Layer implements Trackable {
    private final Map<String, Trackable> variables;

    Layer(Map<String, Trackable> variables) {
      this.variables = variables;
    }

    @Override
    public Map<String, Trackable> children() {
      return variables;
    }
  }

  private static void match(String prefix) throws IOException {
    layers().write(prefix);
    double first = matchSeconds(prefix);
    for (int i = 0; i < MATCHES_TO_WARM_UP; i++) {
      matchSeconds(prefix);
    }
    double[] seconds = new double[BenchOptions.rounds()];
    for (int i = 0; i < seconds.length; i++) {
      seconds[i] = matchSeconds(prefix);
    }
    Samples samples = new Samples(seconds);
    String show = "a match: " + samples.show("%.3f", "s") + ", the first one of the process %.3f s";
    System.out.println(
        Row.atMost(
                1,
                samples.median(),
                "s",
                "TF",
                "Checkpoint.match, 100,000 variables, index and graph read",
                String.format(Locale.ROOT, show, first))
            .line());
  }

  private static double matchSeconds(String prefix) throws IOException {
    Checkpoint program = layers();
    System.gc();
    long start = System.nanoTime();
    int matched = program.match(prefix).report().matched().size();
    double taken = seconds(start);
    if (matched != LAYERS * VARIABLES_OF_A_LAYER) {
      throw new IllegalStateException("found " + matched + " matches: expected all variables");
    }
    return taken;
  }

  private static void memory(String folder) throws Exception {
    String tiny = folder + "/tiny/ckpt";
    EqualVariables few = new EqualVariables(4, 1);
    few.over(few.values()).write(tiny);
    for (int count : COUNTS) {
      EqualVariables variables = EqualVariables.filling(BenchOptions.tensorFlowMib(), count);
      String prefix = folder + "/memory/ckpt";
      variables.over(variables.values()).write(prefix);
      memory(variables, tiny, prefix);
    }
  }

  private static void memory(EqualVariables variables, String tiny, String prefix)
      throws Exception {
    int mib = (int) ((variables.bytes() + (1 << 20) - 1) >> 20);
    for (int margin : MemoryBench.MARGINS) {
      try (ChildJvm child =
          ChildJvm.start(
              TensorFlowMemory.class,
              MemoryBench.options(mib + margin),
              tiny,
              prefix,
              Integer.toString(variables.count()),
              Integer.toString(variables.rows()))) {
        String line = child.await("@memory ");
        if (line != null) {
          String[] words = line.split(" ");
          double outside = Long.parseLong(words[1]) / 1024.0;
          double own = Long.parseLong(words[2]) / 1024.0;
          String what =
              String.format(
                  Locale.ROOT, "extra memory, Checkpoint.read, %,d variables", variables.count());
          System.out.println(
              Row.atMost(
                      64,
                      margin - own + outside,
                      "MiB",
                      "TF",
                      what,
                      String.format(
                          Locale.ROOT,
                          "%s: smallest heap that works is the arrays + %d MiB (serial collector),"
                              + " of which %.1f MiB are the JVM's own and stay; outside of the heap"
                              + " the process grew by %.1f MiB",
                          what,
                          margin,
                          own,
                          outside))
                  .line());
          return;
        }
      }
    }
    System.out.println(
        Row.note("TF", "extra memory, Checkpoint.read", "more than the largest heap tried").line());
  }
}
