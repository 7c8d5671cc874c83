package dev.cairn.checkpoint;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Compares two checkpoints value by value, whatever files and slices they are stored in. Memory: a
 * few MiB for variables cut into rows, two pieces at a time. Stateless.
 */
public final class CheckpointDiff {

  private static final long PIECE_BYTES = 1 << 20;

  private CheckpointDiff() {}

  /** How a variable compares. */
  public enum Outcome {
    /** The same bytes. */
    EQUAL,
    /** Some values differ. */
    DIFFERENT,
    /** The first checkpoint has it alone. */
    ONLY_FIRST,
    /** The second checkpoint has it alone. */
    ONLY_SECOND,
    /** Another dtype or shape. */
    OTHER_SPEC
  }

  /**
   * One variable compared.
   *
   * @param key the variable
   * @param outcome how it compares
   * @param differing how many elements differ in at least one bit
   * @param firstDifference row-major number of the first such element; -1 if there is none
   * @param maxAbsDifference largest difference of two numbers, 0 if all are equal; NaN if one of a
   *     pair is NaN; empty where values that differ are no numbers (strings, truth values) or are
   *     not decoded here (numbers of 8 bits and fewer that are no whole bytes)
   */
  public record Entry(
      String key,
      Outcome outcome,
      long differing,
      long firstDifference,
      OptionalDouble maxAbsDifference) {}

  /** Compares all variables, in the order of their keys. */
  public static List<Entry> compare(CheckpointReader first, CheckpointReader second)
      throws IOException {
    TreeMap<String, VariableSpec> keys = new TreeMap<>();
    first.variables().forEach(variable -> keys.put(variable.key(), variable));
    second.variables().forEach(variable -> keys.putIfAbsent(variable.key(), variable));
    List<Entry> entries = new ArrayList<>();
    for (VariableSpec variable : keys.values()) {
      Optional<VariableSpec> a = first.variable(variable.key());
      Optional<VariableSpec> b = second.variable(variable.key());
      if (a.isEmpty() || b.isEmpty()) {
        entries.add(unlike(variable, a.isEmpty() ? Outcome.ONLY_SECOND : Outcome.ONLY_FIRST));
      } else if (!a.equals(b)) {
        entries.add(unlike(variable, Outcome.OTHER_SPEC));
      } else if (variable.dtype() == DType.STRING) {
        entries.add(strings(variable, first, second));
      } else {
        entries.add(numbers(variable, first, second));
      }
    }
    return entries;
  }

  private static Entry unlike(VariableSpec variable, Outcome outcome) {
    return new Entry(variable.key(), outcome, 0, -1, OptionalDouble.empty());
  }

  private static Entry strings(
      VariableSpec variable, CheckpointReader first, CheckpointReader second) throws IOException {
    List<byte[]> a = first.readStrings(variable.key());
    List<byte[]> b = second.readStrings(variable.key());
    Tally tally = new Tally(DType.STRING);
    for (int i = 0; i < a.size(); i++) {
      if (!Arrays.equals(a.get(i), b.get(i))) {
        tally.add(i);
      }
    }
    return tally.entry(variable.key());
  }

  private static Entry numbers(
      VariableSpec variable, CheckpointReader first, CheckpointReader second) throws IOException {
    Tally tally = new Tally(variable.dtype());
    int rank = variable.shape().rank();
    long rowElements = rank == 0 ? 1 : variable.shape().rowElements();
    int width = variable.dtype().elementBytes();
    if (variable.shape().elements() == 0 || width == 0) {
      return tally.entry(variable.key());
    }
    long rowsAtOnce = Math.max(1, PIECE_BYTES / (rowElements * width));
    for (long row = 0; row < variable.shape().rows(); row += rowsAtOnce) {
      long rows = Math.min(rowsAtOnce, variable.shape().rows() - row);
      Slice region = rank == 0 ? Slice.full(0) : Slice.rows(row, rows, rank);
      ByteBuffer a = read(first, variable, region, rows * rowElements * width);
      ByteBuffer b = read(second, variable, region, rows * rowElements * width);
      compare(width, a, b, row * rowElements, tally);
    }
    return tally.entry(variable.key());
  }

  private static ByteBuffer read(
      CheckpointReader reader, VariableSpec variable, Slice region, long bytes) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    reader.read(variable.key(), region, into);
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

    Entry entry(String key) {
      return differing == 0
          ? new Entry(key, Outcome.EQUAL, 0, -1, OptionalDouble.of(0))
          : new Entry(
              key,
              Outcome.DIFFERENT,
              differing,
              first,
              numbers ? OptionalDouble.of(max) : OptionalDouble.empty());
    }
  }
}
