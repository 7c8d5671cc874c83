package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Versions of a model with variables of many shapes and types, in any number of shards. */
final class PatchedModels {
  static final FolderOptions OPTIONS = FolderOptions.defaults();

  private final Map<VariableSpec, byte[]> values = new LinkedHashMap<>();
  private final Random random;

  /** A model of random numbers; a row is a weight and the factors of a feature. */
  PatchedModels(int rows, long seed) {
    random = new Random(seed);
    add("weights", DType.FLOAT, Shape.of(rows));
    add("factors", DType.FLOAT, Shape.of(rows, 8));
    add("accumulator", DType.DOUBLE, Shape.of(rows, 1));
    add("wide", DType.BFLOAT16, Shape.of(3, 5000));
    add("bytes", DType.INT8, Shape.of(rows / 2 + 1));
    add("none", DType.FLOAT, Shape.of(0, 4));
    add("bias", DType.FLOAT, Shape.scalar());
    add("steps", DType.INT64, Shape.scalar());
  }

  private void add(String name, DType type, Shape shape) {
    byte[] bytes = new byte[(int) (shape.elements() * type.elementBytes())];
    random.nextBytes(bytes);
    values.put(
        new VariableSpec("model/" + name + "/.ATTRIBUTES/VARIABLE_VALUE", type, shape), bytes);
  }

  /** Changes about so many rows of a million. */
  void change(int perMillion) {
    for (Map.Entry<VariableSpec, byte[]> one : values.entrySet()) {
      byte[] bytes = one.getValue();
      int row = (int) (RowBytes.rowBytes(one.getKey()));
      for (int at = 0; at < bytes.length; at += row) {
        if (random.nextInt(1_000_000) < perMillion) {
          bytes[at + random.nextInt(row)] ^= (byte) (1 + random.nextInt(255));
        }
      }
    }
  }

  /** Saves the model as a checkpoint of a step. */
  String save(Path run, long step, int shards) throws IOException {
    try (CheckpointFolder folder = CheckpointFolder.open(run.toString(), OPTIONS)) {
      PendingCheckpoint pending = folder.begin(step, shards);
      for (int shard = 0; shard < shards; shard++) {
        try (ShardWriter writer = ShardWriter.create(pending.target(shard), OPTIONS)) {
          for (Map.Entry<VariableSpec, byte[]> one : values.entrySet()) {
            write(writer, one.getKey(), one.getValue(), shard, shards);
          }
          if (shard == 0) {
            writer.writeStrings(
                new VariableSpec("notes", DType.STRING, Shape.of(1)),
                List.of(("step " + step).getBytes(StandardCharsets.UTF_8)));
          }
          pending.report(writer.finish());
        }
      }
      TrainingState state =
          new TrainingState(
              step,
              1,
              new DataPosition(1, 0, step, 1, 10, "f00d"),
              new OptimizerSpec("adagrad", new TreeMap<>()),
              new TreeMap<>(),
              new TreeMap<>());
      return pending.commit(state, "app-1", new TreeMap<>()).path();
    }
  }

  private static void write(
      ShardWriter writer, VariableSpec variable, byte[] bytes, int shard, int shards)
      throws IOException {
    int rank = variable.shape().rank();
    long rows = rank == 0 ? 1 : variable.shape().rows();
    if (rank == 0 || rows < shards) {
      if (shard == 0) {
        writer.write(variable, Slice.full(rank), ByteBuffer.wrap(bytes));
      }
      return;
    }
    long from = rows * shard / shards;
    long to = rows * (shard + 1) / shards;
    int row = (int) RowBytes.rowBytes(variable);
    // Shards are cut once more, at a place that depends on their number.
    long middle = from + (to - from) * (shards + 1) / (shards + 3);
    for (long[] part : new long[][] {{from, middle}, {middle, to}}) {
      if (part[1] > part[0]) {
        writer.write(
            variable,
            Slice.rows(part[0], part[1] - part[0], rank),
            ByteBuffer.wrap(bytes, (int) part[0] * row, (int) (part[1] - part[0]) * row));
      }
    }
  }

  /** Publishes a checkpoint. */
  static ModelVersion publish(Path model, String checkpoint) throws IOException {
    try (ModelFolder folder = ModelFolder.open(model.toString(), OPTIONS);
        VersionDraft draft = folder.begin()) {
      Manifest manifest = draft.putCheckpoint(checkpoint);
      draft.put(
          CheckpointFileNames.SAVED_MODEL,
          ("program of " + manifest.step()).getBytes(StandardCharsets.UTF_8));
      return draft.commit(Lineage.byHand(Optional.empty(), Optional.empty(), new TreeMap<>()));
    }
  }

  /** Copies a version into another folder, as somebody does that ships it whole. */
  static void ship(Path model, long number, Path to) throws IOException {
    Path from = model.resolve(Long.toString(number));
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path place = to.resolve(Long.toString(number)).resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(place);
        } else {
          Files.copy(path, place);
        }
      }
    }
  }

  /** The content of all files below a folder, by path. */
  static SortedMap<String, ByteBuffer> files(Path folder) throws IOException {
    SortedMap<String, ByteBuffer> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(path).toString(), ByteBuffer.wrap(Files.readAllBytes(path)));
      }
    }
    return files;
  }
}
