package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.CheckpointOptions;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.RowRequest;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Shards in Cairn's checkpoints: every block is a slice of its own. */
final class CheckpointShardStorage implements ShardStorage {
  /** Read at once when restoring; held besides the shard itself. */
  private static final long WINDOW_BYTES = 16 << 20;

  private static final int READ_THREADS = 2;

  @Override
  public ShardReport write(
      FrozenShard frozen, long step, ShardTarget target, SortedMap<String, String> hadoopProperties)
      throws IOException {
    CheckpointOptions options = CheckpointOptions.defaults().withHadoopProperties(hadoopProperties);
    try (ShardWriter writer = ShardWriter.create(target, options)) {
      if (target.shard() == 0) {
        writer.write(
            CheckpointKeys.GLOBAL_STEP,
            Slice.full(0),
            ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, step));
      }
      frozen.drain(
          block ->
              writer.write(
                  CheckpointKeys.spec(block.variable(), block.slot()),
                  CheckpointKeys.slice(block.variable(), block.firstRow(), block.rows()),
                  block.values(),
                  0,
                  block.rows() * block.variable().width()));
      return writer.finish();
    } catch (IllegalStateException e) {
      // The frozen shard was released: the save was given up while this wrote.
      throw new CheckpointException.Failed("Cannot write a shard: the save was given up", e);
    }
  }

  @Override
  public long restore(ParameterShard shard, String path, SortedMap<String, String> hadoopProperties)
      throws IOException {
    CheckpointOptions options = CheckpointOptions.defaults().withHadoopProperties(hadoopProperties);
    try (CheckpointReader reader = CheckpointReader.open(path, options)) {
      // All that does not fit is told at once, and before any value is read (S35).
      // A model that is only read leaves the optimizer's state on storage.
      boolean trained = !shard.optimizer().slots().isEmpty();
      reader.requireVariables(expected(shard), trained);
      Window window = new Window(shard, reader);
      for (Piece piece : pieces(shard)) {
        window.add(piece);
      }
      window.flush();
      return reader.bytesRead();
    }
  }

  private static List<VariableSpec> expected(ParameterShard shard) {
    List<VariableSpec> specs = new ArrayList<>(List.of(CheckpointKeys.GLOBAL_STEP));
    for (ParameterVariable variable : shard.layout().variables()) {
      specs.add(CheckpointKeys.spec(variable, Optional.empty()));
      for (String slot : shard.optimizer().slots()) {
        specs.add(CheckpointKeys.spec(variable, Optional.of(slot)));
      }
    }
    return specs;
  }

  /** A block of a variable or of a slot. */
  private record Piece(ParameterLayout.Block block, Optional<String> slot) {}

  /** All pieces of a shard, in the order in which they lie in files. */
  private static List<Piece> pieces(ParameterShard shard) {
    List<Piece> pieces = new ArrayList<>();
    ParameterLayout layout = shard.layout();
    for (int v = 0; v < layout.variables().size(); v++) {
      int from = Math.max(shard.firstBlock(), layout.firstBlock(v));
      int to = Math.min(shard.endBlock(), layout.firstBlock(v + 1));
      for (int b = from; b < to; b++) {
        pieces.add(new Piece(layout.block(b), Optional.empty()));
      }
      for (String slot : shard.optimizer().slots()) {
        for (int b = from; b < to; b++) {
          pieces.add(new Piece(layout.block(b), Optional.of(slot)));
        }
      }
    }
    return pieces;
  }

  /** Pieces that are read together: few large reads, and bounded memory (I8). */
  private static final class Window {
    private final ParameterShard shard;
    private final CheckpointReader reader;
    private final List<Piece> pieces = new ArrayList<>();
    private final List<RowRequest> requests = new ArrayList<>();
    private long bytes;

    Window(ParameterShard shard, CheckpointReader reader) {
      this.shard = shard;
      this.reader = reader;
    }

    void add(Piece piece) throws IOException {
      ParameterLayout.Block block = piece.block();
      String key = CheckpointKeys.spec(block.variable(), piece.slot()).key();
      if (block.rows() == 0) {
        return; // nothing is stored, and there is nothing to hold it
      }
      float[] into = new float[block.elements()];
      pieces.add(piece);
      requests.add(new RowRequest(key, block.firstRow(), block.rows(), into, 0));
      bytes += (long) Float.BYTES * into.length;
      if (bytes >= WINDOW_BYTES) {
        flush();
      }
    }

    void flush() throws IOException {
      reader.readAll(requests, READ_THREADS);
      for (int i = 0; i < pieces.size(); i++) {
        Piece piece = pieces.get(i);
        shard.loadBlock(piece.block().index(), piece.slot(), requests.get(i).into());
      }
      pieces.clear();
      requests.clear();
      bytes = 0;
    }
  }
}
