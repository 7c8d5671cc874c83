package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.BundleCopy;
import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.ForwardingStore;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.serving.Publisher;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * A publication of a model against {@code cp -r} of its checkpoint, each file synced: where the
 * files can be linked, the whole command, verification included; where they cannot, the copy with
 * its checksums, which is all of it but a few small files.
 */
final class PublishBench {
  private static final int SHARDS = 2;
  private static final int BLOCK = 1 << 20;
  private static final FolderOptions OPTIONS = FolderOptions.defaults();

  private PublishBench() {}

  public static void main(String[] arguments) throws Exception {
    String folder = RawStorage.Local.emptyFolder("publish");
    try (RawStorage raw = RawStorage.of(folder)) {
      String checkpoint = write(folder + "/run");
      int[] round = {0};
      Pairs.Side copy =
          () -> {
            String place = folder + "/copy-" + ++round[0];
            double seconds =
                seconds("cp -r \"$1\" \"$2\" && find \"$2\" -exec sync {} +", checkpoint, place);
            raw.delete(place);
            return seconds;
          };
      Pairs linked =
          Pairs.run(
              BenchOptions.rounds(),
              () -> {
                String place = folder + "/model-" + ++round[0];
                long start = System.nanoTime();
                Publisher.Published unused =
                    Publisher.publish(checkpoint, place, List.of(), made -> {}, OPTIONS);
                double seconds = since(start);
                raw.delete(place);
                return seconds;
              },
              copy);
      print(0.1, "publish by links / cp -r, synced", linked);
      Pairs copied =
          Pairs.run(
              BenchOptions.rounds(),
              () -> {
                String place = folder + "/bytes-" + ++round[0];
                long start = System.nanoTime();
                copy(checkpoint, place);
                double seconds = since(start);
                raw.delete(place);
                return seconds;
              },
              copy);
      print(1.2, "publish by copies / cp -r, synced", copied);
      raw.delete(folder);
    }
    System.exit(0);
  }

  private static void print(double wanted, String what, Pairs pairs) {
    System.out.println(
        Row.atMost(
                wanted,
                pairs.ratios().median(),
                "of it",
                "publish",
                what + ", " + BenchOptions.publishMib() + " MiB",
                "ratios " + pairs.ratios().show("%.3f", ""),
                "ours   " + pairs.ours().show("%.3f", "s"),
                "cp -r  " + pairs.theirs().show("%.3f", "s"))
            .line());
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static double seconds(String script, String from, String to) throws Exception {
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder("sh", "-c", script, "sh", from.replaceFirst("^file:/*", "/"), to)
            .inheritIO()
            .start();
    if (process.waitFor() != 0) {
      throw new IOException(String.format(Locale.ROOT, "Cannot copy %s to %s", from, to));
    }
    return since(start);
  }

  /** Copies as a publication does where the storage has no links. */
  private static void copy(String checkpoint, String place) throws IOException {
    try (CheckpointStore store = CheckpointStores.open(checkpoint, new TreeMap<>());
        CheckpointStore unlinked =
            new ForwardingStore(store) {
              @Override
              public boolean link(String file, String name) {
                return false;
              }
            }) {
      BundleCopy.Copied copied =
          BundleCopy.into(
              store, checkpoint, unlinked, CheckpointStores.qualify(place, new TreeMap<>()));
      if (copied.linked()) {
        throw new IllegalStateException("These are links: " + place);
      }
    }
  }

  /** Saves a linear model of so many bytes. */
  private static String write(String run) throws IOException {
    int features = BenchOptions.publishMib() * (1 << 20) / Float.BYTES;
    Model model = new LinearModel(features, true, new LogisticLoss());
    ModelGraph graph = ModelGraph.variables(model.layout());
    float[] values = new float[BLOCK];
    Random random = new Random(1);
    try (CheckpointFolder checkpoints = CheckpointFolder.open(run, OPTIONS)) {
      PendingCheckpoint pending = checkpoints.begin(1, SHARDS);
      for (int shard = 0; shard < SHARDS; shard++) {
        try (ShardWriter writer = ShardWriter.create(pending.target(shard), OPTIONS)) {
          for (ParameterVariable variable : model.variables()) {
            write(writer, graph, variable, shard, values, random);
          }
          if (shard == 0) {
            writer.write(graph.graph());
          }
          pending.report(writer.finish());
        }
      }
      TrainingState state =
          new TrainingState(
              1,
              1,
              new DataPosition(1, 0, 1, 1, 10, "f00d"),
              Optional.of(model.definition()),
              new OptimizerSpec("adagrad", new TreeMap<>()),
              new TreeMap<>(),
              new TreeMap<>(),
              FeatureScales.NONE,
              Optional.empty(),
              Optional.empty());
      return pending.commit(state, "bench", new TreeMap<>()).path();
    }
  }

  private static void write(
      ShardWriter writer,
      ModelGraph graph,
      ParameterVariable variable,
      int shard,
      float[] values,
      Random random)
      throws IOException {
    long rows = variable.rows();
    if (rows < BLOCK) {
      if (shard == 0) {
        int count = (int) rows * variable.width();
        writer.write(
            graph.spec(variable, Optional.empty()),
            Slice.full(variable.rank()),
            new float[count],
            0,
            count);
      }
      return;
    }
    for (long first = rows / SHARDS * shard; first < rows / SHARDS * (shard + 1); first += BLOCK) {
      for (int i = 0; i < BLOCK; i++) {
        values[i] = random.nextFloat();
      }
      writer.write(
          graph.spec(variable, Optional.empty()),
          Slice.rows(first, BLOCK, variable.rank()),
          values,
          0,
          BLOCK);
    }
  }
}
