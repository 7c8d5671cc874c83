package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/**
 * The difference of two versions of a model as one file, and applying it to another folder that has
 * the older one: the newer one is then there, too, under its own number, byte for byte. That is the
 * way to many scorers, where most rows of a daily model are those of the day before.
 *
 * <p>A patch is a ZIP archive that is written and read from front to back:
 *
 * <pre>
 * cairn-patch.json        which version it is applied to, by commit and checksum, and what it makes
 * cairn-version.json      the new version's record, as it is
 * saved_model.pb, ...     the record's files, as they are
 * manifest.json           of the new version's checkpoint, as it is
 * variables.index         likewise
 * variables.data-...      of each of its data files the parts of which it is made, in order
 * </pre>
 *
 * A part is a slice of a variable that the old version has in the same type and shape, in whatever
 * slices of rows: runs of changed rows, each as the number of unchanged rows before it, the number
 * of its own (both in seven bits a byte, the lowest first), and their bytes; unchanged rows at the
 * end are a run of none. Rows of more than 4 KiB are taken element by element. All other bytes are
 * there as they are.
 *
 * <p>Every file that is made is compared with the checksum that the original's record or manifest
 * has of it, before one rename puts the version in place. Memory: a few MiB for the parameters,
 * whatever their number; index, manifest, record and program are read whole. Stateless.
 */
public final class VersionPatch {
  private static final int BUFFER_BYTES = 1 << 20;

  private VersionPatch() {}

  /**
   * A patch that was made.
   *
   * @param file its full path
   * @param bytes its length
   * @param changed the rows in it
   * @param rows the rows that were compared
   */
  public record Made(String file, long bytes, long changed, long rows) {}

  /**
   * A patch that was applied.
   *
   * @param version what it has made
   * @param anew false if it was there already
   */
  public record Applied(ModelVersion version, boolean anew) {}

  /**
   * Makes a patch. Both versions are verified.
   *
   * @param from the number of the older version
   * @param to the number of the newer one
   * @param file which must not exist; it appears whole
   * @throws Conflict if it does
   * @throws dev.cairn.checkpoint.model.CheckpointException.Corrupt if one of the two is damaged
   */
  public static Made make(ModelFolder model, long from, long to, String file) throws IOException {
    String full = Folders.qualify(file, model.options());
    try (CheckpointStore store = CheckpointStores.open(full, model.options().hadoopProperties())) {
      return make(model, from, to, store, full);
    }
  }

  static Made make(ModelFolder model, long from, long to, CheckpointStore store, String file)
      throws IOException {
    if (from >= to) {
      throw new IllegalArgumentException(
          "Cannot make a patch: expected an older version and a newer one, found "
              + from
              + " and "
              + to);
    }
    try (VersionLease base = model.read(OptionalLong.of(from));
        VersionLease result = model.read(OptionalLong.of(to))) {
      return make(model, base.version().orElseThrow(), result.version().orElseThrow(), store, file);
    }
  }

  private static Made make(
      ModelFolder model, ModelVersion base, ModelVersion result, CheckpointStore store, String file)
      throws IOException {
    model.verify(base);
    model.verify(result);
    if (store.stat(file).isPresent()) {
      throw new Conflict(
          "Cannot make a patch: expected nothing at its place, found a file or folder (path="
              + file
              + "); name another one, or remove it");
    }
    String temporary = CheckpointFileNames.patchTemporary(file, SessionIds.next());
    boolean done = false;
    try {
      Made made = write(model, base, result, store, temporary, file);
      rename(store, temporary, file);
      done = true;
      return made;
    } finally {
      if (!done) {
        HiddenVersions.delete(store, temporary);
      }
    }
  }

  private static void rename(CheckpointStore store, String temporary, String file)
      throws IOException {
    try {
      store.rename(temporary, file);
    } catch (IOException e) {
      if (store.stat(temporary).isPresent() || store.stat(file).isEmpty()) {
        throw e; // Else it is done, and its answer was lost.
      }
    }
  }

  private static Made write(
      ModelFolder model,
      ModelVersion base,
      ModelVersion result,
      CheckpointStore store,
      String temporary,
      String file)
      throws IOException {
    try (StoreOutput out = store.create(temporary)) {
      HiddenVersions.sweepBeside(store, temporary);
      ToStore to = new ToStore(out);
      BufferedOutputStream buffered = new BufferedOutputStream(to, BUFFER_BYTES);
      PatchMaker maker = new PatchMaker(model.store(), base, result, buffered);
      maker.run(model.name());
      buffered.flush();
      out.finish();
      return new Made(file, to.bytes, maker.changed(), maker.units());
    }
  }

  /**
   * Applies a patch to a folder that has its base. The new version is then in use, as one that was
   * published. One that is there already is verified and left as it is; where a crash has kept it
   * from being in use, that is made up for ({@link ModelFolder#finish}).
   *
   * @throws dev.cairn.checkpoint.model.CheckpointException.Mismatch if the folder has another base
   * @throws Conflict if the folder has another version of that number, or a newer one
   * @throws dev.cairn.checkpoint.model.CheckpointException.Corrupt if the patch is damaged, or the
   *     base is, or the version that is there already
   */
  public static Applied apply(String file, ModelFolder model) throws IOException {
    String full = Folders.qualify(file, model.options());
    try (CheckpointStore store = CheckpointStores.open(full, model.options().hadoopProperties())) {
      return apply(store, full, model);
    }
  }

  static Applied apply(CheckpointStore store, String file, ModelFolder model) throws IOException {
    try (StoreInput in = store.open(file)) {
      InputStream bytes = new BufferedInputStream(new FromStore(in), BUFFER_BYTES);
      return new PatchReader(model, file, bytes).run(List.of(ServingConfig.STABLE));
    }
  }

  private static final class ToStore extends OutputStream {
    private final StoreOutput out;
    private long bytes;

    ToStore(StoreOutput out) {
      this.out = out;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int count) throws IOException {
      out.write(ByteBuffer.wrap(from, offset, count));
      bytes += count;
    }
  }

  private static final class FromStore extends InputStream {
    private final StoreInput in;
    private long at;

    FromStore(StoreInput in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int count) throws IOException {
      int bytes = (int) Math.min(count, in.length() - at);
      if (bytes <= 0) {
        return count == 0 ? 0 : -1;
      }
      in.readFully(at, ByteBuffer.wrap(into, offset, bytes));
      at += bytes;
      return bytes;
    }
  }
}
