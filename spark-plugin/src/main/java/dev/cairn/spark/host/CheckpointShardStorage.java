package dev.cairn.spark.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RowRequest;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.graph.Restoration;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Storage of shards in Cairn's checkpoints: every block is a slice of its own. */
final class CheckpointShardStorage implements ShardStorage {
  private static final int READ_THREADS = 2;

  /** Opens the files of checkpoints; tests use storage of their own here. */
  interface Files {
    ShardWriter create(ShardTarget target, FolderOptions options) throws IOException;

    CheckpointReader open(String path, FolderOptions options) throws IOException;
  }

  private static final Files REAL =
      new Files() {
        @Override
        public ShardWriter create(ShardTarget target, FolderOptions options) throws IOException {
          return ShardWriter.create(target, options);
        }

        @Override
        public CheckpointReader open(String path, FolderOptions options) throws IOException {
          return CheckpointReader.open(path, options);
        }
      };

  private final Files files;
  private final int readThreads;

  /** Makes a storage of checkpoints at their real paths. */
  CheckpointShardStorage() {
    this(REAL, READ_THREADS);
  }

  CheckpointShardStorage(Files files, int readThreads) {
    this.files = files;
    this.readThreads = readThreads;
  }

  @Override
  public ShardReport write(
      ModelGraph graph,
      FrozenShard frozen,
      boolean keep,
      ShardTarget target,
      SortedMap<String, String> hadoopProperties)
      throws IOException {
    FolderOptions options = FolderOptions.defaults().withHadoopProperties(hadoopProperties);
    try (ShardWriter writer = files.create(target, options)) {
      FrozenShard.Sink sink =
          block ->
              writer.write(
                  graph.spec(block.variable(), block.slot()),
                  slice(block.variable(), block.firstRow(), block.rows()),
                  block.values(),
                  0,
                  block.rows() * block.variable().width());
      if (keep) {
        frozen.forEach(sink);
      } else {
        frozen.drain(sink);
      }
      return writer.finish();
    } catch (IllegalStateException e) {
      // The frozen shard was released: the save was given up while this wrote.
      throw new CheckpointException.Failed("Cannot write a shard: the save was given up", e);
    }
  }

  /** The slice of some adjacent rows of a variable. */
  private static Slice slice(ParameterVariable variable, long firstRow, long rows) {
    int rank = variable.rank();
    return rank == 0 || rows == variable.rows()
        ? Slice.full(rank)
        : Slice.rows(firstRow, rows, rank);
  }

  @Override
  public long restore(
      ModelGraph graph,
      ParameterShard shard,
      String path,
      SortedMap<String, String> hadoopProperties)
      throws IOException {
    FolderOptions options = FolderOptions.defaults().withHadoopProperties(hadoopProperties);
    try (CheckpointReader reader = files.open(path, options)) {
      // All that does not fit is reported at once, and before any value is read (S35).
      Restoration restoration = graph.match(reader);
      if (graph.trains()) {
        // A reader of the parameters alone leaves the optimizer's state on storage; training that
        // goes on must not lose any of it without a word.
        restoration.assertSlotsConsumed();
      }
      load(shard, reader, graph.stored(restoration.matches()));
      return reader.bytesRead();
    } catch (IllegalStateException e) {
      throw new CheckpointException.Failed("Cannot fill a shard: it was let go of meanwhile", e);
    }
  }

  /** Reads straight into the shard's own arrays: this takes no memory beside them (I8). */
  private void load(ParameterShard shard, CheckpointReader reader, ModelGraph.Stored stored)
      throws IOException {
    List<ParameterShard.Piece> pieces = shard.missing();
    List<Numbers> numbers = new ArrayList<>(pieces.size());
    List<RowRequest> requests = new ArrayList<>(pieces.size());
    for (ParameterShard.Piece piece : pieces) {
      ParameterLayout.Block block = piece.block();
      Numbers into = new Numbers(shard, block.elements());
      numbers.add(into);
      String key = stored.key(block.variable(), piece.slot());
      long there = stored.rows(block.variable());
      addRequests(key, block, Math.min(there, block.rows()), there, into, requests);
    }
    reader.readAll(requests, readThreads);
    for (int i = 0; i < pieces.size(); i++) {
      ParameterLayout.Block block = pieces.get(i).block();
      float[] values = numbers.get(i).get();
      repeat(values, stored.rows(block.variable()) * block.variable().width());
      shard.loadBlock(block.index(), pieces.get(i).slot(), values);
    }
  }

  /**
   * Adds the requests for the first rows of a block, which begin as the stored rows of their
   * numbers modulo the number of those: two requests where they go on from the last one at row 0.
   *
   * @param rows the number of rows to read, 0 for a variable without any
   * @param there the number of stored rows
   */
  private static void addRequests(
      String key,
      ParameterLayout.Block block,
      long rows,
      long there,
      Numbers into,
      List<RowRequest> requests) {
    long done = 0;
    while (done < rows) {
      long first = (block.firstRow() + done) % there;
      long count = Math.min(rows - done, there - first);
      int offset = (int) (done * block.variable().width());
      requests.add(new RowRequest(key, first, count, into::get, offset));
      done += count;
    }
  }

  /** Fills an array up with its own beginning, again and again. */
  private static void repeat(float[] values, long period) {
    for (long done = period; done > 0 && done < values.length; done *= 2) {
      int count = (int) Math.min(done, values.length - done);
      System.arraycopy(values, 0, values, (int) done, count);
    }
  }

  /**
   * The numbers of a block, made by the thread that reads them: to make gigabytes of arrays takes
   * about as long as to read them.
   */
  private static final class Numbers {
    private final ParameterShard shard;
    private final int length;

    @GuardedBy("this")
    private float @Nullable [] array;

    Numbers(ParameterShard shard, int length) {
      this.shard = shard;
      this.length = length;
    }

    /**
     * The array; refused for a shard that is not needed any more, since another generation may need
     * the memory.
     */
    synchronized float[] get() {
      if (!shard.wanted()) {
        throw new IllegalStateException("Cannot fill the shard: the executor has let go of it");
      }
      float[] there = array;
      if (there == null) {
        there = new float[length];
        array = there;
      }
      return there;
    }
  }
}
