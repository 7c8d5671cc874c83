package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.io.DataFiles;
import dev.cairn.checkpoint.io.OpenCheckpoint;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Cuts the data files of a new version into parts that are compared with the old one, row by row,
 * and parts that are taken as they are. Who makes a patch and who applies it come to the same parts
 * from the same two indexes. Not thread-safe.
 */
final class PatchParts {
  /** Rows with more bytes are compared element by element. */
  private static final long LARGEST_ROW = 4096;

  /**
   * A stretch of a new data file.
   *
   * @param offset first byte within the file
   * @param length bytes
   * @param base the same variable in the old version; empty for bytes that are taken as they are
   * @param baseAt the byte of the variable at which this part begins
   * @param unit the bytes that are compared at a time: a row, or an element of a large one
   */
  record Part(long offset, long length, Optional<RowBytes> base, long baseAt, int unit) {}

  private final OpenCheckpoint result;
  private final OpenCheckpoint base;
  private final DataFiles.Held files;
  private final Map<String, Optional<RowBytes>> variables = new HashMap<>();
  private final List<List<StoredSlice>> byShard = new ArrayList<>();

  /**
   * Prepares the parts of all files.
   *
   * @param files those of the old version
   */
  PatchParts(OpenCheckpoint result, OpenCheckpoint base, DataFiles.Held files) {
    this.result = result;
    this.base = base;
    this.files = files;
    for (int shard = 0; shard < result.index().shards(); shard++) {
      byShard.add(new ArrayList<>());
    }
    result
        .index()
        .slices()
        .values()
        .forEach(slices -> slices.forEach(one -> byShard.get(one.shard()).add(one)));
  }

  /** The parts of a file, which follow one another without a hole. */
  List<Part> of(int shard, long fileBytes) {
    List<StoredSlice> slices = new ArrayList<>(byShard.get(shard));
    slices.sort(Comparator.comparingLong(StoredSlice::offset));
    List<Part> parts = new ArrayList<>();
    long at = 0;
    for (StoredSlice slice : slices) {
      Optional<RowBytes> old = RowBytes.isRows(slice) ? base(slice.variable()) : Optional.empty();
      boolean follows = slice.offset() >= at && slice.end() <= fileBytes;
      if (old.isPresent() && follows && slice.size() > 0) {
        plain(parts, at, slice.offset());
        long row = RowBytes.rowBytes(slice.variable());
        int unit = row <= LARGEST_ROW ? (int) row : slice.variable().dtype().elementBytes();
        parts.add(new Part(slice.offset(), slice.size(), old, RowBytes.start(slice), unit));
        at = slice.end();
      }
    }
    plain(parts, at, fileBytes);
    return parts;
  }

  private static void plain(List<Part> parts, long from, long to) {
    if (to > from) {
      parts.add(new Part(from, to - from, Optional.empty(), 0, 1));
    }
  }

  /** A variable in the old version; empty unless it has the same type and shape there. */
  private Optional<RowBytes> base(VariableSpec variable) {
    return variables.computeIfAbsent(variable.key(), key -> look(variable));
  }

  private Optional<RowBytes> look(VariableSpec variable) {
    List<StoredSlice> slices = base.index().slices().getOrDefault(variable.key(), List.of());
    boolean same =
        !slices.isEmpty()
            && slices.get(0).variable().equals(variable)
            && base.index().bigEndian() == result.index().bigEndian();
    return same ? RowBytes.of(slices, files) : Optional.empty();
  }
}
