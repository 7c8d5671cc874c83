package dev.cairn.checkpoint;

import dev.cairn.checkpoint.bundle.Elements;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.io.DataFiles;
import dev.cairn.checkpoint.io.Distance;
import dev.cairn.checkpoint.io.VariableCursor;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares two checkpoints value by value, whatever files and slices they are stored in. Strings
 * and values without a fixed width are compared only if both are in the same slices. Every byte is
 * read once and compared with its checksum. Memory: a few MiB, and up to 64 MiB a side for
 * variables cut into many columns. Stateless.
 */
public final class CheckpointDiff {

  private static final int CHUNK_BYTES = 64 << 10;

  private CheckpointDiff() {}

  /** The result of comparing one variable. */
  public enum Outcome {
    /** The same bytes. */
    EQUAL,
    /** Some values differ. */
    DIFFERENT,
    /** The first checkpoint has it alone. */
    ONLY_FIRST,
    /** The second checkpoint has it alone. */
    ONLY_SECOND,
    /** The dtype or the shape differs. */
    OTHER_SPEC
  }

  /**
   * The comparison of one variable.
   *
   * @param key the variable in the first checkpoint; in the second if it alone has it
   * @param secondKey the same object's variable in the second, under another key if its path there
   *     is another
   * @param outcome how it compares
   * @param differing the number of elements that differ in at least one bit; for types that are not
   *     known here, the number of slices
   * @param firstDifference row-major number of the first such element; -1 if there is none
   * @param maxAbsDifference largest difference of two numbers, 0 if all are equal; NaN if one of a
   *     pair is NaN; empty where values that differ are no numbers (strings, truth values) or are
   *     not decoded here (numbers of 8 bits and fewer that are no whole bytes)
   */
  public record Entry(
      String key,
      String secondKey,
      Outcome outcome,
      long differing,
      long firstDifference,
      OptionalDouble maxAbsDifference) {}

  /**
   * Compares all variables, in the order of their keys. Where both checkpoints have object graphs,
   * those are compared that belong to the same object, whatever their keys; what no object has is
   * compared by its key.
   *
   * @throws Corrupt if one of the two is damaged: a checksum, or slices with a hole or an overlap
   * @throws Mismatch for strings that are cut into slices of other bounds
   */
  public static List<Entry> compare(CheckpointReader first, CheckpointReader second)
      throws IOException {
    Optional<ObjectGraph> a = graph(first);
    Optional<ObjectGraph> b = graph(second);
    boolean both = a.isPresent() && b.isPresent();
    Map<String, String> partners = both ? a.get().sameObjects(b.get()) : Map.of();
    Set<String> left = new TreeSet<>();
    second.variables().forEach(variable -> left.add(variable.key()));
    Set<String> taken = Set.copyOf(partners.values());
    List<Entry> entries = new ArrayList<>();
    for (VariableSpec variable : first.variables()) {
      String key = variable.key();
      String partner = partners.getOrDefault(key, taken.contains(key) ? "" : key);
      Optional<VariableSpec> other = second.variable(partner);
      if (other.isPresent()) {
        left.remove(partner);
      }
      if (both && key.equals(ObjectGraph.KEY) && a.get().isLike(b.get())) {
        entries.add(equal(key, key));
      } else {
        entries.add(compare(variable, other, first, second));
      }
    }
    left.forEach(key -> entries.add(unlike(key, key, Outcome.ONLY_SECOND)));
    entries.sort(Comparator.comparing(Entry::key).thenComparing(Entry::secondKey));
    return entries;
  }

  /**
   * A graph that cannot be read is compared as the bytes that it is, and variables by their keys.
   */
  private static Optional<ObjectGraph> graph(CheckpointReader reader) throws IOException {
    try {
      return reader.graph();
    } catch (Corrupt | Mismatch e) {
      return Optional.empty();
    }
  }

  private static Entry compare(
      VariableSpec variable,
      Optional<VariableSpec> other,
      CheckpointReader first,
      CheckpointReader second)
      throws IOException {
    if (other.isEmpty()) {
      return unlike(variable.key(), variable.key(), Outcome.ONLY_FIRST);
    }
    VariableSpec found = other.get();
    boolean sameSpec = variable.dtype() == found.dtype() && variable.shape().equals(found.shape());
    return sameSpec
        ? values(variable, found, first, second)
        : unlike(variable.key(), found.key(), Outcome.OTHER_SPEC);
  }

  private static Entry equal(String key, String secondKey) {
    return new Entry(key, secondKey, Outcome.EQUAL, 0, -1, OptionalDouble.of(0));
  }

  private static Entry unlike(String key, String secondKey, Outcome outcome) {
    return new Entry(key, secondKey, outcome, 0, -1, OptionalDouble.empty());
  }

  private static Entry values(
      VariableSpec variable, VariableSpec other, CheckpointReader first, CheckpointReader second)
      throws IOException {
    Tally tally = new Tally(variable.dtype());
    try (Side a = new Side(variable, first);
        Side b = new Side(other, second)) {
      if (variable.dtype().elementBytes() > 0) {
        numbers(a, b, tally);
      } else {
        slices(a, b, tally);
      }
    }
    return tally.entry(variable.key(), other.key());
  }

  /** One of the two checkpoints; a failure to read it names it. */
  private static final class Side implements Closeable {
    private final CheckpointReader reader;
    private final DataFiles.Held files;
    private final List<StoredSlice> slices;

    Side(VariableSpec variable, CheckpointReader reader) throws Corrupt {
      this.reader = reader;
      this.files = reader.dataFiles();
      this.slices = reader.wholeSlices(variable.key());
    }

    <T> T call(Call<T> call) throws IOException {
      try {
        return call.run();
      } catch (IOException e) {
        throw reader.explain(e);
      }
    }

    @Override
    public void close() throws IOException {
      files.close();
    }
  }

  private interface Call<T> {
    T run() throws IOException;
  }

  private static void numbers(Side a, Side b, Tally tally) throws IOException {
    VariableCursor first = new VariableCursor(a.slices, a.files);
    VariableCursor second = new VariableCursor(b.slices, b.files);
    int width = a.slices.get(0).variable().dtype().elementBytes();
    while (true) {
      ByteBuffer x = a.call(first::next);
      ByteBuffer y = b.call(second::next);
      if (!x.hasRemaining()) {
        return;
      }
      compare(width, x, y, first.first(), tally);
    }
  }

  /**
   * Compares values of no fixed width, which can be read only in the slices that they are stored
   * in.
   */
  private static void slices(Side a, Side b, Tally tally) throws IOException {
    for (int i = 0; i < a.slices.size(); i++) {
      StoredSlice x = a.slices.get(i);
      if (a.slices.size() != b.slices.size() || !x.slice().equals(b.slices.get(i).slice())) {
        throw new Mismatch(
            "Cannot compare "
                + x.variable()
                + ": expected both in the same slices, found "
                + a.slices.size()
                + " and "
                + b.slices.size()
                + " of other bounds; save one of them anew");
      }
      elements(a, b, i, tally);
    }
  }

  private static void elements(Side a, Side b, int slice, Tally tally) throws IOException {
    StoredSlice stored = a.slices.get(slice);
    Elements first = a.call(() -> StoredElements.of(stored, a.files));
    Elements second = b.call(() -> StoredElements.of(b.slices.get(slice), b.files));
    ByteBuffer x = ByteBuffer.allocate(CHUNK_BYTES);
    ByteBuffer y = ByteBuffer.allocate(CHUNK_BYTES);
    for (long element = 0; ; element++) {
      long length = a.call(first::next);
      long other = b.call(second::next);
      if (length < 0 || other < 0) {
        return;
      }
      boolean equal = length == other;
      for (long done = 0; equal && done < length; done += x.limit()) {
        a.call(() -> fill(first, x));
        b.call(() -> fill(second, y));
        equal = x.equals(y);
      }
      if (!equal) {
        tally.add(stored.slice().element(element, stored.variable().shape()));
      }
    }
  }

  private static ByteBuffer fill(Elements elements, ByteBuffer into) throws IOException {
    elements.read(into.clear());
    return into.flip();
  }

  private static void compare(
      int width, ByteBuffer a, ByteBuffer b, long firstElement, Tally tally) {
    int at = a.mismatch(b);
    while (at >= 0) {
      int element = at / width;
      tally.add(firstElement + element, a, b, element * width);
      int next = (element + 1) * width;
      int more = a.slice(next, a.limit() - next).mismatch(b.slice(next, b.limit() - next));
      at = more < 0 ? -1 : next + more;
    }
  }

  private static final class Tally {
    private final DType dtype;
    private final boolean numbers;
    private long differing;
    private long first = -1;
    private double max;

    Tally(DType dtype) {
      this.dtype = dtype;
      this.numbers = Distance.isDefined(dtype);
    }

    void add(long element) {
      if (differing++ == 0) {
        first = element;
      }
    }

    void add(long element, ByteBuffer a, ByteBuffer b, int at) {
      add(element);
      if (numbers) {
        // Math.max hands a NaN on, which is what is wanted.
        max = Math.max(max, Distance.of(dtype, a, b, at));
      }
    }

    Entry entry(String key, String secondKey) {
      return differing == 0
          ? equal(key, secondKey)
          : new Entry(
              key,
              secondKey,
              Outcome.DIFFERENT,
              differing,
              first,
              numbers ? OptionalDouble.of(max) : OptionalDouble.empty());
    }
  }
}
