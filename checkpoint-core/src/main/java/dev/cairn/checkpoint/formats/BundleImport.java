package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.HiddenFolder;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a TensorFlow checkpoint out of named tensors: {@code PREFIX.index}, one data file, and the
 * object graph that the names describe, so that {@code tf.train.Checkpoint(..).read(PREFIX)} finds
 * them. Large variables are stored in slices of rows of about 1 MiB, of which a reader reads only
 * what it needs. Memory: some MiB. Stateless.
 */
public final class BundleImport {
  private static final int SLICE_BYTES = 1 << 20;

  private BundleImport() {}

  /**
   * What was written.
   *
   * @param prefix TensorFlow's prefix, with scheme
   * @param tensors how many
   * @param bytes of their elements
   */
  public record Written(String prefix, int tensors, long bytes) {}

  /**
   * Writes all tensors of a source. The index gets its name last: a checkpoint is there as a whole
   * or not at all.
   *
   * @param prefix such as {@code runs/model}; its folder is made when it does not exist
   * @throws Conflict if a checkpoint of that prefix is there
   * @throws Mismatch if there is no tensor, or one whose name TensorFlow cannot restore
   */
  public static Written write(TensorSource source, String prefix, FolderOptions options)
      throws IOException {
    if (source.tensors().isEmpty()) {
      throw new Mismatch(
          "Cannot make a checkpoint: expected tensors, found "
              + (source.others().isEmpty() ? "none" : String.join("; ", source.others()))
              + " (path="
              + source.path()
              + ")");
    }
    String full = CheckpointStores.qualify(prefix, options.hadoopProperties());
    NamedGraph graph = new NamedGraph(source.tensors(), source.path());
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      String index = full + ".index";
      for (String taken : List.of(full, index, CheckpointFileNames.data(full, 0, 1))) {
        if (store.stat(taken).isPresent()) {
          throw new Conflict(
              "Cannot write checkpoint: expected nothing of that name, found something (path="
                  + taken
                  + "); choose another prefix");
        }
      }
      try (HiddenFolder hidden = HiddenFolder.make(store, full, options)) {
        ShardReport report = data(source, graph, hidden.path(), options);
        writeIndex(store, hidden.child(CheckpointFileNames.INDEX), report);
        store.rename(hidden.child(report.file().name()), CheckpointFileNames.data(full, 0, 1));
        store.rename(hidden.child(CheckpointFileNames.INDEX), index);
      }
    }
    long bytes = source.tensors().stream().mapToLong(TensorWrites::bytes).sum();
    return new Written(full, source.tensors().size(), bytes);
  }

  private static ShardReport data(
      TensorSource source, NamedGraph graph, String folder, FolderOptions options)
      throws IOException {
    ShardTarget target = new ShardTarget(folder, SessionIds.next(), 0, 1);
    try (ShardWriter writer = ShardWriter.create(target, options)) {
      for (VariableSpec tensor : source.tensors()) {
        VariableSpec stored = graph.stored(tensor);
        long rowBytes = stored.shape().rowElements() * stored.dtype().elementBytes();
        if (stored.dtype().sliceableInTensorFlow()
            && stored.shape().rank() > 0
            && rowBytes > 0
            && rowBytes <= SLICE_BYTES
            && TensorWrites.bytes(stored) > SLICE_BYTES) {
          RowSlices slices = new RowSlices(writer, stored, (int) rowBytes);
          TensorWrites.copy(source, tensor, slices);
          slices.finish();
        } else {
          Slice all = Slice.full(stored.shape().rank());
          writer.write(stored, all, into -> TensorWrites.copy(source, tensor, into));
        }
      }
      writer.writeStrings(ObjectGraph.SPEC, List.of(graph.graph().encode()));
      return writer.finish();
    }
  }

  private static void writeIndex(CheckpointStore store, String path, ShardReport report)
      throws IOException {
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    BundleIndex.write(1, new ArrayList<>(report.slices()), index);
    try (StoreOutput out = store.create(path)) {
      out.write(ByteBuffer.wrap(index.toByteArray()));
      out.finish();
    }
  }

  /** Cuts a variable into slices of whole rows. */
  private static final class RowSlices implements Pieces {
    private final ShardWriter writer;
    private final VariableSpec variable;
    private final int rowBytes;
    private final ByteBuffer buffer;
    private long row;

    RowSlices(ShardWriter writer, VariableSpec variable, int rowBytes) {
      this.writer = writer;
      this.variable = variable;
      this.rowBytes = rowBytes;
      this.buffer = ByteBuffer.allocate(SLICE_BYTES / rowBytes * rowBytes);
    }

    @Override
    public void take(ByteBuffer piece) throws IOException {
      while (piece.hasRemaining()) {
        int count = Math.min(buffer.remaining(), piece.remaining());
        buffer.put(piece.slice(piece.position(), count));
        piece.position(piece.position() + count);
        if (!buffer.hasRemaining()) {
          finish();
        }
      }
    }

    void finish() throws IOException {
      int rows = buffer.position() / rowBytes;
      if (rows > 0) {
        Slice slice = Slice.rows(row, rows, variable.shape().rank());
        writer.write(variable, slice, buffer.flip());
        row += rows;
        buffer.clear();
      }
    }
  }
}
