package dev.cairn.checkpoint.bench;

import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Floats to checked bytes, and the index of very many variables. Run {@link #main} with the test
 * class path of this module.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BundleBenchmark {

  /** Runs all of them. */
  public static void main(String[] arguments) throws RunnerException {
    new Runner(new OptionsBuilder().include(BundleBenchmark.class.getSimpleName()).build()).run();
  }

  /** One block of 1 MiB, as a shard's writer encodes it into its reused buffer. */
  @State(Scope.Thread)
  public static class Block {
    @Param({"true", "false"})
    boolean direct;

    final float[] values = new float[1 << 18];
    ByteBuffer buffer;
    final CRC32C crc = new CRC32C();

    /** Fills the block. */
    @Setup
    public void fill() {
      for (int i = 0; i < values.length; i++) {
        values[i] = i * 0.5f;
      }
      buffer = direct ? ByteBuffer.allocateDirect(1 << 20) : ByteBuffer.allocate(1 << 20);
      buffer.order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** An index of this many variables, read and written. */
  @State(Scope.Benchmark)
  public static class Index {
    @Param({"50000", "100000"})
    int variables;

    List<StoredSlice> slices;
    byte[] bytes;

    /** Makes the entries. */
    @Setup
    public void fill() throws IOException {
      slices = new ArrayList<>(variables);
      for (int i = 0; i < variables; i++) {
        VariableSpec variable =
            new VariableSpec(
                "model/layer_" + i + "/kernel/.ATTRIBUTES/VARIABLE_VALUE",
                DType.FLOAT,
                Shape.of(16, 4));
        slices.add(new StoredSlice(variable, Slice.full(2), 0, 256L * i, 256, i));
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      BundleIndex.write(1, slices, out);
      bytes = out.toByteArray();
    }
  }

  @Benchmark
  public long encodeBlock(Block block) {
    block.buffer.clear();
    block.buffer.asFloatBuffer().put(block.values);
    block.crc.reset();
    block.crc.update(block.buffer);
    return block.crc.getValue();
  }

  @Benchmark
  public long writeIndex(Index index) throws IOException {
    return BundleIndex.write(1, index.slices, new ByteArrayOutputStream(index.bytes.length));
  }

  @Benchmark
  public BundleIndex readIndex(Index index) throws IOException {
    return BundleIndex.read(index.bytes, "benchmark.index");
  }
}
