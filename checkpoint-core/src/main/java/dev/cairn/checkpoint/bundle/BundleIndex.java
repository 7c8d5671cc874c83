package dev.cairn.checkpoint.bundle;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The index of a TensorFlow V2 checkpoint: the variables, their slices, and the place of each
 * slice's bytes. Immutable once read; time and memory grow linearly with the entries.
 */
public final class BundleIndex {
  private final int shards;
  private final Map<String, List<StoredSlice>> slices;

  private BundleIndex(int shards, Map<String, List<StoredSlice>> slices) {
    this.shards = shards;
    this.slices = Collections.unmodifiableMap(slices);
  }

  /** The number of data files, as their names give it. */
  public int shards() {
    return shards;
  }

  /** All variables by key, in the order of their keys, each with its slices as listed. */
  public Map<String, List<StoredSlice>> slices() {
    return slices;
  }

  /**
   * Reads an index.
   *
   * @param bytes the whole index file
   * @param file its name, for messages
   * @throws CheckpointException.Corrupt if it is damaged, with the place
   * @throws CheckpointException.UnsupportedVersion if it asks for a newer reader
   */
  public static BundleIndex read(byte[] bytes, String file) throws CheckpointException {
    int[] shards = {-1};
    Map<String, EntryCodec.Entry> parts = new HashMap<>();
    Map<String, EntryCodec.Entry> tensors = new LinkedHashMap<>();
    new TableReader(bytes, file)
        .read(
            (key, from, offset, length) -> {
              if (shards[0] < 0) {
                if (key.length != 0) {
                  throw corrupt(file, "expected the header first, found another entry");
                }
                shards[0] = EntryCodec.parseHeader(from, offset, length, file);
              } else if (key[0] == 0) {
                parts.put(latin(key), EntryCodec.parseEntry(key, from, offset, length, file));
              } else {
                tensors.put(
                    Keys.decode(key), EntryCodec.parseEntry(key, from, offset, length, file));
              }
            });
    if (shards[0] < 0) {
      throw corrupt(file, "expected a header, found no entry at all");
    }
    Map<String, List<StoredSlice>> slices = new LinkedHashMap<>();
    for (Map.Entry<String, EntryCodec.Entry> tensor : tensors.entrySet()) {
      slices.put(
          tensor.getKey(), stored(tensor.getKey(), tensor.getValue(), parts, shards[0], file));
    }
    if (!parts.isEmpty()) {
      throw corrupt(
          file, "found " + parts.size() + " slices that no variable lists, expected none");
    }
    return new BundleIndex(shards[0], slices);
  }

  private static List<StoredSlice> stored(
      String key,
      EntryCodec.Entry entry,
      Map<String, EntryCodec.Entry> parts,
      int shards,
      String file)
      throws CheckpointException {
    VariableSpec variable = new VariableSpec(key, entry.dtype(), entry.shape());
    if (entry.slices().isEmpty()) {
      return List.of(at(variable, Slice.full(entry.shape().rank()), entry, shards, file));
    }
    List<StoredSlice> stored = new ArrayList<>(entry.slices().size());
    for (Slice slice : entry.slices()) {
      if (!slice.fits(entry.shape())) {
        throw corrupt(file, variable + " lists slice " + slice + ", which is not within it");
      }
      EntryCodec.Entry part = parts.remove(latin(SliceKey.of(key, slice)));
      if (part == null) {
        throw corrupt(file, variable + " lists slice " + slice + ", which has no entry");
      }
      if (part.dtype() != entry.dtype() || !part.shape().equals(slice.shape(entry.shape()))) {
        throw corrupt(
            file, variable + " slice " + slice + " is stored as " + part.dtype() + part.shape());
      }
      stored.add(at(variable, slice, part, shards, file));
    }
    return Collections.unmodifiableList(stored);
  }

  private static StoredSlice at(
      VariableSpec variable, Slice slice, EntryCodec.Entry entry, int shards, String file)
      throws CheckpointException {
    if (entry.shard() < 0 || entry.shard() >= shards) {
      throw corrupt(
          file,
          variable + " lies in data file " + entry.shard() + ", expected one below " + shards);
    }
    int elementBytes = variable.dtype().elementBytes();
    if (elementBytes > 0) {
      long elements = entry.shape().elements();
      if (entry.size() / elementBytes != elements || entry.size() % elementBytes != 0) {
        throw corrupt(
            file,
            variable
                + " slice "
                + slice
                + ": expected "
                + elements
                + " elements of "
                + elementBytes
                + " bytes, found "
                + entry.size()
                + " bytes");
      }
    }
    try {
      return new StoredSlice(
          variable, slice, entry.shard(), entry.offset(), entry.size(), entry.crc());
    } catch (IllegalArgumentException e) {
      throw corrupt(file, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Writes the index of these slices, byte for byte as TensorFlow would. Each variable's slices are
   * listed in the order given; a slice that covers its whole variable becomes a plain entry.
   *
   * @param shards number of data files, 1 or more
   * @param out receives the file; not closed
   * @return the file's length
   * @throws IllegalArgumentException for a slice twice, a variable in two shapes, or a slice of a
   *     dtype that TensorFlow cannot put together again
   */
  public static long write(int shards, Collection<StoredSlice> slices, OutputStream out)
      throws IOException {
    if (shards < 1) {
      throw new IllegalArgumentException(
          "Cannot write a checkpoint index: expected at least one data file, found " + shards);
    }
    Map<String, List<StoredSlice>> variables = new LinkedHashMap<>();
    for (StoredSlice slice : slices) {
      variables.computeIfAbsent(slice.variable().key(), k -> new ArrayList<>()).add(slice);
    }
    SortedMap<String, StoredSlice> parts = new TreeMap<>();
    SortedMap<String, List<StoredSlice>> tensors = new TreeMap<>();
    for (List<StoredSlice> of : variables.values()) {
      VariableSpec variable = of.get(0).variable();
      if (variable.key().charAt(0) == 0 || variable.dtype() == DType.UNKNOWN) {
        throw new IllegalArgumentException(
            "Cannot write a checkpoint index: expected a key that does not begin with a zero byte"
                + " and a known dtype, found "
                + variable);
      }
      tensors.put(latin(Keys.encode(variable.key())), of);
      if (of.size() == 1 && of.get(0).unsliced()) {
        continue;
      }
      for (StoredSlice slice : of) {
        check(variable, slice);
        if (parts.put(latin(SliceKey.of(variable.key(), slice.slice())), slice) != null) {
          throw new IllegalArgumentException(
              "Cannot write a checkpoint index: " + slice.describe() + " is there twice");
        }
      }
    }
    TableWriter table = new TableWriter(out);
    table.add(new byte[0], EntryCodec.header(shards));
    for (Map.Entry<String, StoredSlice> part : parts.entrySet()) {
      table.add(bytes(part.getKey()), plain(part.getValue()));
    }
    for (Map.Entry<String, List<StoredSlice>> tensor : tensors.entrySet()) {
      table.add(bytes(tensor.getKey()), tensorEntry(tensor.getValue()));
    }
    return table.finish();
  }

  private static void check(VariableSpec variable, StoredSlice slice) {
    if (!slice.variable().equals(variable)) {
      throw new IllegalArgumentException(
          "Cannot write a checkpoint index: " + variable + " is there as " + slice.variable());
    }
    if (!variable.dtype().sliceableInTensorFlow()) {
      throw new IllegalArgumentException(
          "Cannot write a checkpoint index: "
              + variable
              + " is in slices, but TensorFlow cannot put slices of this dtype together;"
              + " write it in one piece");
    }
  }

  private static byte[] tensorEntry(List<StoredSlice> slices) {
    StoredSlice first = slices.get(0);
    if (slices.size() == 1 && first.unsliced()) {
      return plain(first);
    }
    return EntryCodec.entry(
        new EntryCodec.Entry(
            first.variable().dtype(),
            first.variable().shape(),
            0,
            0,
            0,
            0,
            slices.stream().map(StoredSlice::slice).toList()));
  }

  private static byte[] plain(StoredSlice slice) {
    return EntryCodec.entry(
        new EntryCodec.Entry(
            slice.variable().dtype(),
            slice.slice().shape(slice.variable().shape()),
            slice.shard(),
            slice.offset(),
            slice.size(),
            slice.crc32c(),
            List.of()));
  }

  /** Bytes as a string whose order is the bytes' unsigned order. */
  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(String latin) {
    return latin.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static CheckpointException.Corrupt corrupt(String file, String why) {
    return new CheckpointException.Corrupt(
        "Cannot read checkpoint index: "
            + why
            + " (path="
            + file
            + "); restore an older checkpoint");
  }
}
