package dev.cairn.checkpoint;

import dev.cairn.checkpoint.bundle.StringTensor;
import dev.cairn.checkpoint.graph.HeldVariable;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.graph.State;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.io.AlignedBuffers;
import dev.cairn.checkpoint.io.Crc32cCombiner;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

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
  private final ByteBuffer buffer;
  private final CRC32C crc = new CRC32C();
  private final List<StoredSlice> slices = new ArrayList<>();
  private long length;
  private int fileCrc;
  private boolean closed;

  private ShardWriter(CheckpointStore store, Closeable atEnd, ShardTarget target, int bufferBytes)
      throws IOException {
    this.store = atEnd;
    this.target = target;
    this.name =
        CheckpointFileNames.data(CheckpointFileNames.VARIABLES, target.shard(), target.shards());
    this.out = store.create(CheckpointFileNames.child(target.directory(), name));
    this.buffer =
        AlignedBuffers.allocate(out.prefersDirect(), bufferBytes).order(ByteOrder.LITTLE_ENDIAN);
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
    check(variable, slice, variable.dtype() == DType.FLOAT, 4L * count);
    long start = length;
    int at = offset;
    int end = offset + count;
    while (at < end) {
      makeRoom(Float.BYTES);
      int n = Math.min(end - at, buffer.remaining() / Float.BYTES);
      int position = buffer.position();
      buffer.asFloatBuffer().put(values, at, n);
      buffer.position(position + n * Float.BYTES);
      checksum(position);
      at += n;
    }
    record(variable, slice, start, (int) crc.getValue());
  }

  /**
   * Writes a slice of any fixed-width type.
   *
   * @param raw the slice's elements, row-major, little-endian; read to its limit
   */
  public void write(VariableSpec variable, Slice slice, ByteBuffer raw) throws IOException {
    check(variable, slice, variable.dtype().elementBytes() > 0, raw.remaining());
    long start = length;
    copy(raw);
    record(variable, slice, start, (int) crc.getValue());
  }

  /** Writes a STRING variable, which TensorFlow can only read in one piece. */
  public void writeStrings(VariableSpec variable, List<byte[]> elements) throws IOException {
    boolean fits =
        variable.dtype() == DType.STRING && variable.shape().elements() == elements.size();
    check(variable, Slice.full(variable.shape().rank()), fits, -1);
    StringTensor tensor = StringTensor.encode(elements);
    long start = length;
    copy(ByteBuffer.wrap(tensor.payload()));
    // TensorFlow's checksum of strings is not that of their bytes; the file's own is.
    fileCrc = Crc32cCombiner.combine(fileCrc, (int) crc.getValue(), length - start);
    slices.add(
        new StoredSlice(
            variable,
            Slice.full(variable.shape().rank()),
            target.shard(),
            start,
            length - start,
            tensor.crc32c()));
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

  private void check(VariableSpec variable, Slice slice, boolean typeFits, long bytes) {
    if (closed) {
      throw new IllegalStateException("Cannot write " + variable + ": the shard is closed");
    }
    if (!slice.fits(variable.shape())) {
      throw new IllegalArgumentException(
          "Cannot write slice " + slice + " of " + variable + ": it is not within the variable");
    }
    long elements = slice.shape(variable.shape()).elements();
    if (!typeFits || (bytes >= 0 && bytes != elements * variable.dtype().elementBytes())) {
      throw new IllegalArgumentException(
          "Cannot write slice "
              + slice
              + " of "
              + variable
              + ": expected "
              + elements
              + " elements of its type, found "
              + bytes
              + " bytes");
    }
    crc.reset();
  }

  private void copy(ByteBuffer raw) throws IOException {
    int limit = raw.limit();
    while (raw.position() < limit) {
      makeRoom(1);
      int position = buffer.position();
      raw.limit(Math.min(limit, raw.position() + buffer.remaining()));
      buffer.put(raw);
      raw.limit(limit);
      checksum(position);
    }
  }

  private void makeRoom(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
  }

  /**
   * Adds the buffer's bytes from a position on to the checksum, while they are still in the cache.
   */
  private void checksum(int from) {
    length += buffer.position() - from;
    crc.update(buffer.duplicate().position(from).limit(buffer.position()));
  }

  private void flush() throws IOException {
    buffer.flip();
    out.write(buffer);
    buffer.clear();
  }

  private void record(VariableSpec variable, Slice slice, long start, int sliceCrc) {
    fileCrc = Crc32cCombiner.combine(fileCrc, sliceCrc, length - start);
    slices.add(new StoredSlice(variable, slice, target.shard(), start, length - start, sliceCrc));
  }

  /** Bytes written so far. */
  public long length() {
    return length;
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
    flush();
    closed = true;
    try (store) {
      out.finish();
    }
    return new ShardReport(
        target.attempt(), target.shard(), new DataFile(name, length, fileCrc), slices);
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
