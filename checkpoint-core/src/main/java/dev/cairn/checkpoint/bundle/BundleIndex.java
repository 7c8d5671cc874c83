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
import java.util.function.Consumer;

/**
 * The index of a TensorFlow V2 checkpoint: the variables, their slices, and the place of each
 * slice's bytes. Immutable once read; time and memory grow linearly with the entries.
 */
public final class BundleIndex {

  private final int shards;
  private final boolean bigEndian;
  private final Map<String, List<StoredSlice>> slices;

  private BundleIndex(int shards, boolean bigEndian, Map<String, List<StoredSlice>> slices) {
    this.shards = shards;
    this.bigEndian = bigEndian;
    this.slices = Collections.unmodifiableMap(slices);
  }

  /** The number of data files, as their names give it. */
  public int shards() {
    return shards;
  }

  /** Whether a machine that has the highest byte of a number first has written the data files. */
  public boolean bigEndian() {
    return bigEndian;
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
    return new Reading(
            file,
            damage -> {
              throw damage;
            })
        .read(bytes);
  }

  /** An index of no variable. */
  public static BundleIndex empty() {
    return new BundleIndex(0, false, Map.of());
  }

  /** The same for at least so many data files. */
  public BundleIndex withShards(int atLeast) {
    return new BundleIndex(Math.max(shards, atLeast), bigEndian, slices);
  }

  /**
   * Reads what is good of a damaged index: the entries that are as they should be, in blocks that
   * are.
   *
   * @param damages told of each damage
   * @throws CheckpointException.Corrupt if nothing of it can be read
   */
  public static BundleIndex readGood(
      byte[] bytes, String file, Consumer<CheckpointException.Corrupt> damages)
      throws CheckpointException {
    return new Reading(file, damages::accept).read(bytes);
  }

  /** One reading of one index. */
  private static final class Reading {
    private final String file;
    private final TableReader.Problems problems;
    private final Map<String, EntryCodec.Entry> parts = new HashMap<>();
    private final Map<String, EntryCodec.Entry> tensors = new LinkedHashMap<>();
    private boolean any;
    private int shards = -1;
    private boolean bigEndian;

    /** Entries may be missing because of damage that was noted. */
    private boolean incomplete;

    Reading(String file, TableReader.Problems problems) {
      this.file = file;
      this.problems = problems;
    }

    private void found(CheckpointException.Corrupt damage) throws CheckpointException.Corrupt {
      incomplete = true;
      problems.found(damage);
    }

    BundleIndex read(byte[] bytes) throws CheckpointException {
      new TableReader(bytes, file).read(this::entry, this::found);
      if (!any && !incomplete) {
        throw corrupt(file, "expected a header, found no entry at all");
      }
      if (shards < 0) {
        // It went with a damaged block: files that somebody refers to can be looked at.
        shards = 0;
        for (Map<String, EntryCodec.Entry> entries : List.of(parts, tensors)) {
          for (EntryCodec.Entry entry : entries.values()) {
            shards =
                entry.shard() < EntryCodec.MOST_SHARDS
                    ? Math.max(shards, entry.shard() + 1)
                    : shards;
          }
        }
      }
      boolean lost = incomplete;
      Map<String, List<StoredSlice>> slices = new LinkedHashMap<>();
      for (Map.Entry<String, EntryCodec.Entry> tensor : tensors.entrySet()) {
        if (lost && !allParts(tensor.getKey(), tensor.getValue())) {
          continue; // That they are missing is no damage of its own.
        }
        try {
          slices.put(
              tensor.getKey(), stored(tensor.getKey(), tensor.getValue(), parts, shards, file));
        } catch (CheckpointException.Corrupt e) {
          found(e);
        }
      }
      if (!parts.isEmpty() && !incomplete) {
        found(
            corrupt(
                file, "found " + parts.size() + " slices that no variable lists, expected none"));
      }
      return new BundleIndex(shards, bigEndian, slices);
    }

    private boolean allParts(String key, EntryCodec.Entry entry) {
      for (Slice slice : entry.slices()) {
        if (slice.fits(entry.shape()) && !parts.containsKey(latin(SliceKey.of(key, slice)))) {
          return false;
        }
      }
      return true;
    }

    private void entry(byte[] key, byte[] from, int offset, int length) throws CheckpointException {
      boolean first = !any;
      any = true;
      try {
        if (first && key.length == 0) {
          EntryCodec.Header header = EntryCodec.parseHeader(from, offset, length, file);
          shards = header.shards();
          bigEndian = header.bigEndian();
          return;
        }
        if (first && !incomplete) {
          found(corrupt(file, "expected the header first, found another entry"));
        }
        EntryCodec.Entry entry = EntryCodec.parseEntry(key, from, offset, length, file);
        if (key[0] == 0) {
          parts.put(latin(key), entry);
        } else {
          tensors.put(Keys.decode(key), entry);
        }
      } catch (CheckpointException.Corrupt e) {
        found(e);
      }
    }
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
      if (variable.dtype() == DType.UNKNOWN) {
        throw new IllegalArgumentException(
            "Cannot write a checkpoint index: expected a known dtype, found " + variable);
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
