package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.commit.PatchJson;
import dev.cairn.checkpoint.io.DataFiles;
import dev.cairn.checkpoint.io.OpenCheckpoint;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.PatchHeader;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreInput;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes the difference of two versions; {@link VersionPatch} has its layout. Used once. */
final class PatchMaker {
  static final int PIECE_BYTES = 1 << 20;

  /** The same versions make the same bytes, whenever it is. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final CheckpointStore store;
  private final ModelVersion base;
  private final ModelVersion result;
  private final OpenCheckpoint old;
  private final OpenCheckpoint fresh;
  private final ZipOutputStream zip;
  private final BufferedOutputStream out;
  private final byte[] now = new byte[PIECE_BYTES];
  private final byte[] before = new byte[PIECE_BYTES];

  /** Units that have not changed since the last run of changed ones. */
  private long same;

  private long changed;
  private long units;

  PatchMaker(CheckpointStore store, ModelVersion base, ModelVersion result, OutputStream to)
      throws IOException {
    this.store = store;
    this.base = base;
    this.result = result;
    this.old = open(store, base);
    this.fresh = open(store, result);
    this.zip = new ZipOutputStream(to);
    zip.setLevel(Deflater.BEST_SPEED);
    this.out = new BufferedOutputStream(zip, 1 << 16);
  }

  static OpenCheckpoint open(CheckpointStore store, ModelVersion version) throws IOException {
    String folder = version.checkpoint();
    Manifest manifest =
        CommittedCheckpoints.manifest(store, folder)
            .orElseThrow(() -> ModelFolder.noManifest(folder));
    return OpenCheckpoint.of(
        CheckpointFileNames.child(folder, CheckpointFileNames.VARIABLES),
        Optional.of(manifest),
        CommittedCheckpoints.readAll(
            store, CheckpointFileNames.child(folder, CheckpointFileNames.INDEX)));
  }

  static PatchHeader.Side side(ModelVersion version, OpenCheckpoint checkpoint) {
    Manifest manifest = checkpoint.manifest().orElseThrow();
    return new PatchHeader.Side(version.number(), manifest.attempt(), manifest.index());
  }

  /** Rows that changed. */
  long changed() {
    return changed;
  }

  /** Rows that were compared. */
  long units() {
    return units;
  }

  /** Writes all of it, and ends the archive. */
  void run(String model) throws IOException {
    put(
        CheckpointFileNames.PATCH,
        PatchJson.encode(new PatchHeader(model, side(base, old), side(result, fresh))));
    copy(
        CheckpointFileNames.VERSION,
        CheckpointFileNames.child(result.folder(), CheckpointFileNames.EXTRA));
    for (DataFile file : result.record().files()) {
      copy(file.name(), result.folder());
    }
    copy(CheckpointFileNames.MANIFEST, result.checkpoint());
    copy(CheckpointFileNames.INDEX, result.checkpoint());
    try (DataFiles.Held was = new DataFiles(store, old).held();
        DataFiles.Held is = new DataFiles(store, fresh).held()) {
      PatchParts parts = new PatchParts(fresh, old, was);
      List<DataFile> files = fresh.manifest().orElseThrow().files();
      for (int shard = 0; shard < files.size(); shard++) {
        begin(files.get(shard).name());
        StoreInput in = is.open(shard);
        for (PatchParts.Part part : parts.of(shard, files.get(shard).length())) {
          write(in, part);
        }
        out.flush();
        zip.closeEntry();
      }
    }
    zip.finish();
  }

  private void begin(String name) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(TIME);
    zip.putNextEntry(entry);
  }

  private void put(String name, byte[] bytes) throws IOException {
    begin(name);
    zip.write(bytes);
    zip.closeEntry();
  }

  private void copy(String name, String folder) throws IOException {
    put(name, CommittedCheckpoints.readAll(store, CheckpointFileNames.child(folder, name)));
  }

  private void write(StoreInput in, PatchParts.Part part) throws IOException {
    int piece = PIECE_BYTES / part.unit() * part.unit();
    same = 0;
    for (long at = 0; at < part.length(); at += piece) {
      int bytes = (int) Math.min(piece, part.length() - at);
      in.readFully(part.offset() + at, ByteBuffer.wrap(now, 0, bytes));
      if (part.base().isEmpty()) {
        out.write(now, 0, bytes);
      } else {
        part.base().get().read(part.baseAt() + at, ByteBuffer.wrap(before, 0, bytes));
        compare(bytes, part.unit());
      }
    }
    if (part.base().isPresent() && same > 0) {
      varint(same);
      varint(0);
    }
  }

  /** Writes the runs of units that differ, each after the number of those that do not. */
  private void compare(int bytes, int unit) throws IOException {
    units += bytes / unit;
    int at = 0;
    while (at < bytes) {
      int differs = Arrays.mismatch(now, at, bytes, before, at, bytes);
      int from = differs < 0 ? bytes : at + differs / unit * unit;
      same += (from - at) / unit;
      int to = from;
      while (to < bytes && !Arrays.equals(now, to, to + unit, before, to, to + unit)) {
        to += unit;
      }
      if (to > from) {
        varint(same);
        varint((to - from) / unit);
        out.write(now, from, to - from);
        changed += (to - from) / unit;
        same = 0;
      }
      at = to;
    }
  }

  /** Seven bits a byte, the lowest first; all but the last one have the eighth set. */
  private void varint(long value) throws IOException {
    long rest = value;
    while (rest > 0x7f) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
