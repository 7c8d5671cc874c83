package dev.cairn.checkpoint;

import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.io.SliceWriter;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.CheckpointException.StateUnknown;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes a checkpoint under a prefix of TensorFlow's, in this process and with no manifest: {@code
 * PREFIX.index} and {@code PREFIX.data-...}.
 *
 * <p>Old or new, whatever fails: data files are durable before the index is, and the index comes to
 * its place in one rename. Where there was a checkpoint of this prefix already, the new one's data
 * files have other names ({@code -of-N} with another N), so the old one stays whole until then;
 * afterwards its data files go.
 *
 * <p>Memory: 1 MiB, and the index. Not thread-safe; two writers of one prefix at a time write over
 * each other's checkpoint, of which the last one stays. Without {@link #finish} nothing is left,
 * but for the hidden files of a process that has ended meanwhile: the next checkpoint of any prefix
 * in the folder takes them away, once that writer has written nothing for a day.
 */
public final class BundleWriter implements Closeable {

  private static final System.Logger LOG = System.getLogger(BundleWriter.class.getName());
  private static final String INDEX = ".index";
  private static final int BUFFER_BYTES = 1 << 20;
  private static final Pattern DATA = Pattern.compile("\\.data-\\d{5,}-of-(\\d{5,})");

  private final CheckpointStore store;
  private final String prefix;
  private final long shardBytes;
  private final String id = SessionIds.next();
  private final List<StoredSlice> slices = new ArrayList<>();

  /** Where the data files are, one a shard; what is written here is deleted unless it counts. */
  private final List<String> files = new ArrayList<>();

  private StoreOutput out;
  private SliceWriter writer;
  private boolean finished;

  private BundleWriter(CheckpointStore store, String prefix, long shardBytes) throws IOException {
    this.store = store;
    this.prefix = prefix;
    this.shardBytes = shardBytes;
    store.makeDirectories(CheckpointFileNames.parent(prefix));
    this.out = nextFile();
    this.writer = new SliceWriter(out, 0, BUFFER_BYTES);
  }

  /**
   * Begins a checkpoint; makes the folder if it is not there.
   *
   * @param prefix path or URI that Hadoop takes, such as {@code runs/a/ckpt-1}; no slash at its end
   * @param hadoopProperties Hadoop settings laid over the ones found on the class path
   * @param shardBytes how many bytes a data file has at most, from 1 on: variables are cut between
   *     rows; a row, or a variable that TensorFlow cannot read in slices, is not cut
   */
  public static BundleWriter create(
      String prefix, Map<String, String> hadoopProperties, long shardBytes) throws IOException {
    if (prefix.endsWith("/") || shardBytes < 1) {
      throw new IllegalArgumentException(
          "Cannot write checkpoint "
              + prefix
              + ": expected a prefix that does not end in a slash and data files of 1 byte or more,"
              + " found a limit of "
              + shardBytes);
    }
    String full = CheckpointStores.qualify(prefix, hadoopProperties);
    return create(CheckpointStores.open(full, hadoopProperties), full, shardBytes);
  }

  /** Begins a checkpoint in a store that is closed with the writer. */
  static BundleWriter create(CheckpointStore store, String full, long shardBytes)
      throws IOException {
    try {
      return new BundleWriter(store, full, shardBytes);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private StoreOutput nextFile() throws IOException {
    String part = Integer.toString(files.size());
    String file = CheckpointFileNames.partTemporary(prefix, part, id);
    StoreOutput made = store.create(file);
    files.add(file);
    return made;
  }

  /** Goes on in another file if these bytes are too many for the present one. */
  private void makeRoom(long bytes) throws IOException {
    if (writer.length() == 0 || writer.length() + bytes <= shardBytes) {
      return;
    }
    finishFile();
    out = nextFile();
    writer = new SliceWriter(out, files.size() - 1, BUFFER_BYTES);
  }

  private void finishFile() throws IOException {
    writer.flush();
    out.finish();
    slices.addAll(writer.slices());
  }

  /** Writes a variable of a fixed-width type, of which pieces are asked for as there is room. */
  public void write(VariableSpec variable, SliceWriter.Source source) throws IOException {
    int rank = variable.shape().rank();
    long bytes = variable.shape().elements() * variable.dtype().elementBytes();
    if (bytes <= shardBytes || rank == 0 || !variable.dtype().sliceableInTensorFlow()) {
      makeRoom(bytes);
      writer.write(variable, Slice.full(rank), source);
      return;
    }
    long rowElements = variable.shape().rowElements();
    long rowBytes = rowElements * variable.dtype().elementBytes();
    long rows = Math.max(1, shardBytes / rowBytes);
    for (long row = 0; row < variable.shape().rows(); row += rows) {
      long count = Math.min(rows, variable.shape().rows() - row);
      long before = row * rowElements;
      makeRoom(count * rowBytes);
      writer.write(
          variable,
          Slice.rows(row, count, rank),
          (first, into) -> source.fill(before + first, into));
    }
  }

  /** Writes a STRING variable. */
  public void writeStrings(VariableSpec variable, List<byte[]> elements) throws IOException {
    if (variable.dtype() == DType.STRING) {
      long bytes = 0;
      for (byte[] element : elements) {
        bytes += element.length;
      }
      makeRoom(bytes);
    }
    writer.writeStrings(variable, elements);
  }

  /**
   * Makes the checkpoint appear, durable, in one step.
   *
   * @throws IllegalArgumentException for a variable twice, or if nothing was written
   * @throws StateUnknown if nobody can say whether it appeared
   */
  public void finish() throws IOException {
    finishFile();
    if (slices.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot write checkpoint " + prefix + ": expected a variable, found none");
    }
    Around around = around();
    int shards = files.size();
    while (around.numbers().contains(shards)) {
      shards++;
    }
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    BundleIndex.write(shards, slices, index);
    for (int shard = 0; shard < files.size(); shard++) {
      String to = CheckpointFileNames.data(prefix, shard, shards);
      store.rename(files.get(shard), to);
      files.set(shard, to);
    }
    String temporary = CheckpointFileNames.partTemporary(prefix, "index", id);
    files.add(temporary);
    try (StoreOutput file = store.create(temporary)) {
      file.write(ByteBuffer.wrap(index.toByteArray()));
      file.finish();
    }
    try {
      store.replace(temporary, prefix + INDEX);
    } catch (IOException e) {
      requireReplaced(index.toByteArray(), e);
    }
    finished = true;
    around.data().forEach(this::discard);
    around.left().forEach(this::discard);
  }

  /** The answer may have been lost on its way: then the index is there. */
  private void requireReplaced(byte[] index, IOException failure) throws IOException {
    byte[] there;
    try {
      there = CommittedCheckpoints.readAll(store, prefix + INDEX);
    } catch (NotFound e) {
      throw failure;
    } catch (IOException e) {
      failure.addSuppressed(e);
      finished = true;
      throw new StateUnknown(
          "Cannot tell whether checkpoint was written: storage does not answer ("
              + failure.getMessage()
              + ") (path="
              + prefix
              + "); nothing was deleted, read it once storage answers",
          failure);
    }
    if (!Arrays.equals(index, there)) {
      throw failure;
    }
  }

  /**
   * What lies in the folder when a checkpoint is complete.
   *
   * @param data the data files that there are of this prefix
   * @param numbers the numbers of data files that their names speak of
   * @param left what writers left that did not come to an end, of any prefix
   */
  private record Around(List<String> data, Set<Integer> numbers, List<String> left) {}

  private Around around() throws IOException {
    String folder = CheckpointFileNames.parent(prefix);
    String name = CheckpointFileNames.lastPart(prefix);
    Around around = new Around(new ArrayList<>(), new HashSet<>(), new ArrayList<>());
    Map<String, List<String>> temporaries = new HashMap<>();
    Map<String, Long> written = new HashMap<>();
    for (StoredFile file : store.list(folder)) {
      String path = CheckpointFileNames.child(folder, file.name());
      Optional<String> by = CheckpointFileNames.partWriter(file.name());
      if (by.isPresent() && file.isFile()) {
        temporaries.computeIfAbsent(by.get(), key -> new ArrayList<>()).add(path);
        written.merge(by.get(), file.modifiedMillis(), Math::max);
      } else if (file.name().startsWith(name)) {
        Matcher data = DATA.matcher(file.name().substring(name.length()));
        if (data.matches()) {
          around.numbers().add(Integer.valueOf(data.group(1)));
          around.data().add(path);
        }
      }
    }
    // By the storage's clock, which has just told when our own files were written. A writer counts
    // as alive by any of its files, since it lets the first ones lie until the last one is written.
    long now = written.getOrDefault(id, 0L);
    temporaries.forEach(
        (by, of) -> {
          if (now - written.getOrDefault(by, now) > FolderReplacement.DEAD_AFTER_MILLIS) {
            around.left().addAll(of);
          }
        });
    return around;
  }

  /** What is no part of a checkpoint any more; the checkpoint is good without that. */
  private void discard(String file) {
    try {
      store.delete(file);
    } catch (NotFound gone) {
      // Then somebody else was faster.
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Cannot delete {0}: {1}; no checkpoint needs it",
          file,
          e.getMessage());
    }
  }

  /** Ends the writing; without {@link #finish} before, deletes what was written. */
  @Override
  public void close() throws IOException {
    if (finished) {
      closeStore();
      return;
    }
    finished = true;
    try {
      out.close();
    } finally {
      // The index first: without it a rename that is still under way fails.
      for (int i = files.size() - 1; i >= 0; i--) {
        discard(files.get(i));
      }
      closeStore();
    }
  }

  /** Whatever there was to be written is there, or is not: this changes nothing about it. */
  private void closeStore() {
    try {
      store.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "Cannot close storage: {0}", e.getMessage());
    }
  }
}
