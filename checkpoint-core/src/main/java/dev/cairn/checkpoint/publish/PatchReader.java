package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.ModelVersions;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.commit.PatchJson;
import dev.cairn.checkpoint.commit.VersionJson;
import dev.cairn.checkpoint.io.DataFiles;
import dev.cairn.checkpoint.io.OpenCheckpoint;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.PatchHeader;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/** Makes a version of an older one and a patch; {@link VersionPatch} has its layout. Used once. */
final class PatchReader {
  private static final int MAX_FILE_BYTES = 1 << 30;

  private final ModelFolder model;
  private final CheckpointStore store;
  private final String patch;
  private final ZipInputStream zip;
  private final InputStream in;
  private final byte[] buffer = new byte[PatchMaker.PIECE_BYTES];
  private final CRC32C crc = new CRC32C();

  /**
   * Prepares to apply one.
   *
   * @param patch its path, for messages
   * @param bytes those of the patch; whoever gives them closes them
   */
  PatchReader(ModelFolder model, String patch, InputStream bytes) {
    this.model = model;
    this.store = model.store();
    this.patch = patch;
    this.zip = new ZipInputStream(bytes);
    this.in = new BufferedInputStream(zip, 1 << 16);
  }

  VersionPatch.Applied run(List<String> labels) throws IOException {
    try {
      return apply(labels);
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw new Corrupt(damaged(String.valueOf(e.getMessage())), e);
    }
  }

  private String damaged(String why) {
    return "Cannot apply a patch: "
        + why
        + " (path="
        + patch
        + "); it is damaged, fetch it again, or make it anew";
  }

  private VersionPatch.Applied apply(List<String> labels) throws IOException {
    PatchHeader header =
        PatchJson.decode(
            entry(CheckpointFileNames.PATCH),
            CheckpointFileNames.child(patch, CheckpointFileNames.PATCH));
    byte[] bytes = entry(CheckpointFileNames.VERSION);
    VersionRecord record =
        VersionJson.decode(bytes, CheckpointFileNames.child(patch, CheckpointFileNames.VERSION));
    PatchHeader.Side to = header.result();
    if (record.number() != to.number() || !record.attempt().equals(to.attempt())) {
      throw new Corrupt(damaged("its record is not that of " + to));
    }
    List<Long> there = model.numbers();
    if (there.contains(record.number())) {
      return there(record, labels);
    }
    ModelVersion base = base(header, there);
    OpenCheckpoint old = PatchMaker.open(store, base);
    PatchHeader.Side found = PatchMaker.side(base, old);
    if (!found.equals(header.base())) {
      throw wrongBase(header, found.toString());
    }
    try (VersionDraft draft =
        VersionDraft.begin(model, ModelVersions.current(store, model.path()), record.number())) {
      for (DataFile file : record.files()) {
        DataFile written =
            VersionFiles.write(
                store, CheckpointFileNames.child(draft.folder(), file.name()), entry(file.name()));
        require(file, written, base);
      }
      variables(draft.folder(), to, old, base);
      return new VersionPatch.Applied(draft.commit(record, bytes, labels), true);
    }
  }

  private VersionPatch.Applied there(VersionRecord record, List<String> labels) throws IOException {
    ModelVersion found;
    try {
      found = model.version(record.number());
      model.records().check(found);
    } catch (Corrupt e) {
      String place = CheckpointFileNames.child(model.path(), Long.toString(record.number()));
      throw new Corrupt(
          e.getMessage()
              + "; it is there already, and damaged: remove "
              + CheckpointStores.localPart(place)
              + ", then apply the patch again",
          e);
    }
    if (!found.record().equals(record)) {
      throw new Conflict(
          "Cannot apply a patch: version "
              + record.number()
              + " of model "
              + model.name()
              + " is there already, expected commit "
              + record.attempt()
              + ", found "
              + found.record().attempt()
              + " (path="
              + found.folder()
              + ", patch="
              + patch
              + ")");
    }
    model.finish(found, labels);
    return new VersionPatch.Applied(found, false);
  }

  private ModelVersion base(PatchHeader header, List<Long> there) throws IOException {
    if (!there.contains(header.base().number())) {
      throw wrongBase(header, "versions " + there);
    }
    long newest = there.get(there.size() - 1);
    if (newest > header.result().number()) {
      throw new Conflict(
          "Cannot apply a patch that makes version "
              + header.result().number()
              + " of model "
              + model.name()
              + ": expected a newer version than all that are there, found version "
              + newest
              + " (path="
              + model.path()
              + ", patch="
              + patch
              + ")");
    }
    return model.version(header.base().number());
  }

  private Mismatch wrongBase(PatchHeader header, String found) {
    return new Mismatch(
        "Cannot apply a patch: expected a folder with its base, "
            + header.base()
            + ", found "
            + found
            + " (path="
            + model.path()
            + ", patch="
            + patch
            + "); apply the patches in their order, or copy a whole version");
  }

  private void variables(String folder, PatchHeader.Side to, OpenCheckpoint old, ModelVersion base)
      throws IOException {
    String variables = CheckpointFileNames.child(folder, CheckpointFileNames.VARIABLES);
    store.makeDirectory(variables);
    byte[] said = entry(CheckpointFileNames.MANIFEST);
    DataFile unused =
        VersionFiles.write(
            store, CheckpointFileNames.child(variables, CheckpointFileNames.MANIFEST), said);
    Manifest manifest = CommittedCheckpoints.manifest(store, variables).orElseThrow();
    if (!manifest.attempt().equals(to.attempt()) || !manifest.index().equals(to.index())) {
      throw new Corrupt(damaged("its manifest is not that of " + to));
    }
    byte[] index = entry(CheckpointFileNames.INDEX);
    DataFile again =
        VersionFiles.write(
            store, CheckpointFileNames.child(variables, CheckpointFileNames.INDEX), index);
    require(manifest.index(), again, base);
    OpenCheckpoint result =
        OpenCheckpoint.of(
            CheckpointFileNames.child(variables, CheckpointFileNames.VARIABLES),
            Optional.of(manifest),
            index);
    try (DataFiles.Held files = new DataFiles(store, old).held()) {
      PatchParts parts = new PatchParts(result, old, files);
      for (int shard = 0; shard < manifest.files().size(); shard++) {
        DataFile file = manifest.files().get(shard);
        begin(file.name());
        DataFile written =
            write(
                CheckpointFileNames.child(variables, file.name()), parts.of(shard, file.length()));
        end(file.name());
        require(file, written, base);
      }
    }
    if (zip.getNextEntry() != null) {
      throw new Corrupt(damaged("expected no more files, found another one"));
    }
  }

  /** Refuses a file that is not the original's; it may be the base that is damaged. */
  private void require(DataFile expected, DataFile found, ModelVersion base) throws IOException {
    if (!found.equals(expected)) {
      model.verify(base);
      throw new Corrupt(
          damaged(
              String.format(
                  Locale.ROOT,
                  "%s comes out as another file, expected %d bytes with checksum %08x, found %d"
                      + " with %08x",
                  expected.name(),
                  expected.length(),
                  expected.crc32c(),
                  found.length(),
                  found.crc32c())));
    }
  }

  private void begin(String name) throws IOException {
    ZipEntry entry = zip.getNextEntry();
    if (entry == null || !entry.getName().equals(name)) {
      throw new Corrupt(
          damaged(
              "expected the file " + name + ", found " + (entry == null ? "none" : "another one")));
    }
  }

  /** Compares the archive's own checksum. */
  private void end(String name) throws IOException {
    if (in.read() >= 0) {
      throw new Corrupt(damaged("expected an end, found more bytes of " + name));
    }
    zip.closeEntry();
  }

  private byte[] entry(String name) throws IOException {
    begin(name);
    byte[] bytes = in.readNBytes(MAX_FILE_BYTES);
    end(name);
    return bytes;
  }

  private DataFile write(String path, List<PatchParts.Part> parts) throws IOException {
    crc.reset();
    long length = 0;
    try (StoreOutput out = store.create(path)) {
      for (PatchParts.Part part : parts) {
        if (part.base().isPresent()) {
          patched(out, part, part.base().get());
        } else {
          taken(out, part.length());
        }
        length += part.length();
      }
      out.finish();
    }
    return new DataFile(CheckpointFileNames.lastPart(path), length, (int) crc.getValue());
  }

  private void taken(StoreOutput out, long length) throws IOException {
    for (long at = 0; at < length; at += buffer.length) {
      int bytes = (int) Math.min(buffer.length, length - at);
      fill(bytes, 0);
      hand(out, bytes);
    }
  }

  private void fill(int bytes, int at) throws IOException {
    if (in.readNBytes(buffer, at, bytes) != bytes) {
      throw new EOFException("it ends before its last value");
    }
  }

  private void hand(StoreOutput out, int bytes) throws IOException {
    crc.update(buffer, 0, bytes);
    out.write(ByteBuffer.wrap(buffer, 0, bytes));
  }

  /** Old rows with the changed ones over them, piece by piece. */
  private void patched(StoreOutput out, PatchParts.Part part, RowBytes base) throws IOException {
    int unit = part.unit();
    long units = part.length() / unit;
    int most = buffer.length / unit;
    long next = 0; // the first unit of the next run that is not over
    long left = 0; // the units of it that are left
    for (long first = 0; first < units; first += most) {
      int count = (int) Math.min(most, units - first);
      base.read(part.baseAt() + first * unit, ByteBuffer.wrap(buffer, 0, count * unit));
      while (true) {
        if (left == 0) {
          if (next >= first + count) {
            break;
          }
          next += varint(units - next);
          left = varint(units - next);
          if (left == 0 && next < units) {
            throw new EOFException("an empty run of rows before the last row");
          }
        }
        if (next >= first + count) {
          break;
        }
        int here = (int) Math.min(left, first + count - next);
        fill(here * unit, (int) (next - first) * unit);
        next += here;
        left -= here;
      }
      hand(out, count * unit);
    }
  }

  private long varint(long most) throws IOException {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int read = in.read();
      if (read < 0) {
        throw new EOFException("it ends within a number");
      }
      value |= (long) (read & 0x7f) << shift;
      if ((read & 0x80) == 0) {
        if (value > most) {
          break;
        }
        return value;
      }
    }
    throw new EOFException("expected a number up to " + most + ", found a larger one");
  }
}
