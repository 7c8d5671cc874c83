package dev.cairn.checkpoint.tensorflow;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A checkpoint of three data files with a variable of every kind, and what it must read as. */
record SampleBundle(List<VariableSpec> variables, Map<String, String> lines) {

  private static final int SHARDS = 3;

  /** Writes it as the newest checkpoint of a folder. */
  static SampleBundle write(Path folder, long step) throws IOException {
    SampleBundle sample = new SampleBundle(new ArrayList<>(), new TreeMap<>());
    FolderOptions options = FolderOptions.defaults();
    try (CheckpointFolder checkpoints = CheckpointFolder.open(folder.toString(), options)) {
      PendingCheckpoint pending = checkpoints.begin(step, SHARDS);
      List<ShardWriter> writers = new ArrayList<>();
      for (int shard = 0; shard < SHARDS; shard++) {
        writers.add(ShardWriter.create(pending.target(shard), options));
      }
      sample.fill(writers);
      for (ShardWriter writer : writers) {
        pending.report(writer.finish());
      }
      TrainingState state =
          new TrainingState(
              step,
              0,
              new DataPosition(0, 0, 1, 1, 1, "none"),
              new OptimizerSpec("none", new TreeMap<>()),
              new TreeMap<>(),
              new TreeMap<>());
      pending.commit(state, "test", new TreeMap<>());
    }
    return sample;
  }

  private void fill(List<ShardWriter> writers) throws IOException {
    Random random = new Random(3);
    for (DType dtype : DType.values()) {
      if (dtype.elementBytes() == 0) {
        continue;
      }
      String name = dtype.name().toLowerCase(java.util.Locale.ROOT);
      whole(name + "/scalar", dtype, Shape.scalar(), writers.get(0), random);
      whole(name + "/vector", dtype, Shape.of(5), writers.get(1), random);
      whole(name + "/empty", dtype, Shape.of(0, 3), writers.get(2), random);
      if (dtype.sliceableInTensorFlow()) {
        sliced(name + "/sliced_rows", dtype, Shape.of(7, 4), new long[] {2, 4}, writers, random);
        sliced(name + "/sliced_columns", dtype, Shape.of(3, 9), new long[] {3, 4}, writers, random);
        sliced(
            name + "/sliced_grid", dtype, Shape.of(4, 5, 6), new long[] {2, 2, 5}, writers, random);
      }
    }
    sliced("thousand/sliced", DType.FLOAT, Shape.of(1000, 3), new long[] {1, 3}, writers, random);
    strings("strings/scalar", Shape.scalar(), List.of("word"), writers.get(1));
    strings("strings/none", Shape.of(0), List.of(), writers.get(1));
    strings("strings/many", Shape.of(2, 2), List.of("", "a", "b".repeat(300), "c"), writers.get(0));
  }

  private void whole(String key, DType dtype, Shape shape, ShardWriter to, Random random)
      throws IOException {
    VariableSpec variable = add(key, dtype, shape);
    byte[] bytes = bytes(variable, random);
    to.write(variable, Slice.full(shape.rank()), ByteBuffer.wrap(bytes));
    expect(variable, HexFormat.of().formatHex(bytes));
  }

  private void sliced(
      String key, DType dtype, Shape shape, long[] step, List<ShardWriter> writers, Random random)
      throws IOException {
    VariableSpec variable = add(key, dtype, shape);
    byte[] bytes = bytes(variable, random);
    int number = 0;
    long[] start = new long[shape.rank()];
    boolean more = true;
    while (more) {
      long[] length = new long[shape.rank()];
      for (int d = 0; d < length.length; d++) {
        length[d] = Math.min(step[d], shape.dim(d) - start[d]);
        if (length[d] == shape.dim(d) && number % 2 == 0) {
          length[d] = Slice.WHOLE;
        }
      }
      Slice slice = Slice.of(start, length);
      byte[] part = cut(bytes, variable, slice);
      writers.get(number++ % SHARDS).write(variable, slice, ByteBuffer.wrap(part));
      more = false;
      for (int d = shape.rank() - 1; d >= 0 && !more; d--) {
        start[d] += step[d];
        more = start[d] < shape.dim(d);
        start[d] = more ? start[d] : 0;
      }
    }
    expect(variable, HexFormat.of().formatHex(bytes));
  }

  private void strings(String key, Shape shape, List<String> elements, ShardWriter to)
      throws IOException {
    VariableSpec variable = add(key, DType.STRING, shape);
    List<byte[]> bytes = elements.stream().map(TensorFlowInterchangeTest::ascii).toList();
    to.writeStrings(variable, bytes);
    HexFormat hex = HexFormat.of();
    expect(variable, bytes.stream().map(hex::formatHex).collect(Collectors.joining(",")));
  }

  private VariableSpec add(String key, DType dtype, Shape shape) {
    VariableSpec variable = new VariableSpec(key + "/.ATTRIBUTES/VARIABLE_VALUE", dtype, shape);
    variables.add(variable);
    return variable;
  }

  private void expect(VariableSpec variable, String data) {
    lines.put(variable.key(), TensorFlowInterchangeTest.line(variable, data));
  }

  /** Any bits, NaNs of all kinds too, except where a type has fewer values than bits. */
  private static byte[] bytes(VariableSpec variable, Random random) {
    int elementBytes = variable.dtype().elementBytes();
    byte[] bytes = new byte[(int) variable.shape().elements() * elementBytes];
    random.nextBytes(bytes);
    int mask =
        switch (variable.dtype()) {
          case BOOL -> 1;
          case UINT4, FLOAT4_E2M1FN -> 15;
          case UINT2 -> 3;
          case INT4 -> 7;
          case INT2 -> 1;
          default -> 0xff;
        };
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] &= (byte) mask;
    }
    return bytes;
  }

  /** Element by element, unlike the code under test. */
  private static byte[] cut(byte[] bytes, VariableSpec variable, Slice slice) {
    Shape full = variable.shape();
    Shape part = slice.shape(full);
    int width = variable.dtype().elementBytes();
    byte[] out = new byte[(int) part.elements() * width];
    for (int i = 0; i < part.elements(); i++) {
      long rest = i;
      long at = 0;
      long stride = 1;
      for (int d = full.rank() - 1; d >= 0; d--) {
        at += (slice.start(d) + rest % part.dim(d)) * stride;
        rest /= part.dim(d);
        stride *= full.dim(d);
      }
      System.arraycopy(bytes, (int) at * width, out, i * width, width);
    }
    return out;
  }
}
