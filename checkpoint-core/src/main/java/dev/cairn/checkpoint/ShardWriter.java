package dev.cairn.checkpoint;

import dev.cairn.checkpoint.commit.DataPositionJson;
import dev.cairn.checkpoint.graph.HeldVariable;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.graph.State;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.io.SliceWriter;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Writes one shard of a checkpoint: slice after slice into one file, each with its checksum.
 *
 * <p>The bytes on disk are little-endian, row-major, without gaps, as TensorFlow's data files are.
 * It needs one buffer of 1 MiB, whatever the size of the shard. Not thread-safe. There is one
 * writer for each shard and attempt: a second one is refused with a Conflict. Without {@link
 * #finish} nothing that was written counts.
 */
public final class ShardWriter implements Closeable {

  private static final int BUFFER_BYTES = 1 << 20;

  private final Closeable store;
  private final ShardTarget target;
  private final String name;
  private final StoreOutput out;
  private final SliceWriter slices;
  private boolean closed;

  private ShardWriter(CheckpointStore store, Closeable atEnd, ShardTarget target, int bufferBytes)
      throws IOException {
    this.store = atEnd;
    this.target = target;
    this.name =
        CheckpointFileNames.data(CheckpointFileNames.VARIABLES, target.shard(), target.shards());
    this.out = store.create(CheckpointFileNames.child(target.directory(), name));
    this.slices = new SliceWriter(out, target.shard(), bufferBytes);
  }

  /** Creates the shard's file. */
  public static ShardWriter create(ShardTarget target, FolderOptions options) throws IOException {
    return create(CheckpointStores.open(target.directory(), options.hadoopProperties()), target);
  }

  static ShardWriter create(CheckpointStore store, ShardTarget target) throws IOException {
    return create(store, target, BUFFER_BYTES);
  }

  static ShardWriter create(CheckpointStore store, ShardTarget target, int bufferBytes)
      throws IOException {
    return new ShardWriter(store, store, target, bufferBytes);
  }

  /** Creates the shard's file on a store that stays open. */
  static ShardWriter within(CheckpointStore store, ShardTarget target) throws IOException {
    return new ShardWriter(store, () -> {}, target, BUFFER_BYTES);
  }

  /**
   * Writes a slice of a FLOAT variable.
   *
   * @param slice the part of the variable; full for all of it
   * @param values row-major
   * @param offset first value
   * @param count the number of elements of the slice
   */
  public void write(VariableSpec variable, Slice slice, float[] values, int offset, int count)
      throws IOException {
    requireOpen(variable);
    slices.write(variable, slice, values, offset, count);
  }

  /**
   * Writes a slice of any fixed-width type.
   *
   * @param raw the slice's elements, row-major, little-endian; read to its limit
   */
  public void write(VariableSpec variable, Slice slice, ByteBuffer raw) throws IOException {
    requireOpen(variable);
    slices.write(variable, slice, raw);
  }

  /**
   * Writes a slice of any fixed-width type and any size.
   *
   * @param values hands out as many elements as the slice has
   */
  public void write(VariableSpec variable, Slice slice, Pieces.Source values) throws IOException {
    requireOpen(variable);
    slices.write(variable, slice, values);
  }

  /** Writes a STRING variable, which TensorFlow can only read in one piece. */
  public void writeStrings(VariableSpec variable, List<byte[]> elements) throws IOException {
    requireOpen(variable);
    slices.writeStrings(variable, elements);
  }

  /**
   * Writes an object graph, with those of its values that are in no other shard: variables whose
   * values are at hand, and states.
   */
  public void write(ObjectGraph graph) throws IOException {
    writeStrings(ObjectGraph.SPEC, List.of(graph.encode()));
    for (Trackable object : graph.objects()) {
      if (object instanceof HeldVariable held) {
        VariableSpec variable = graph.spec(held);
        write(variable, Slice.full(variable.shape().rank()), held.value());
      }
      if (object instanceof State state) {
        VariableSpec variable =
            new VariableSpec(
                String.valueOf(graph.states().get(state)), DType.STRING, Shape.scalar());
        writeStrings(variable, List.of(state.save()));
      }
    }
  }

  /**
   * Writes where in the data training stands, as a tensor that no object of the graph has: see
   * {@link CheckpointReader#dataPosition}.
   */
  public void write(DataPosition position) throws IOException {
    writeStrings(DataPositionJson.SPEC, List.of(DataPositionJson.encode(position)));
  }

  private void requireOpen(VariableSpec variable) {
    if (closed) {
      throw new IllegalStateException("Cannot write " + variable + ": the shard is closed");
    }
  }

  /** Bytes written so far. */
  public long length() {
    return slices.length();
  }

  /**
   * Makes the file durable and closes it.
   *
   * @return the report for the committer
   */
  public ShardReport finish() throws IOException {
    if (closed) {
      throw new Failed("Cannot finish shard " + name + ": it is closed already", null);
    }
    slices.flush();
    closed = true;
    try (store) {
      out.finish();
    }
    return new ShardReport(
        target.attempt(),
        target.shard(),
        new DataFile(name, slices.length(), slices.crc32c()),
        slices.slices());
  }

  /** Closes the file; without {@link #finish} before, nothing in it counts. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      try (store) {
        out.close();
      }
    }
  }
}
