package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.InputSpec;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.shard.ShardAssignment;
import java.util.Arrays;
import java.util.Locale;

/**
 * The rows of a model's variables that one batch needs, and the places of each variable's numbers
 * when these rows' values are laid one after the other. It is filled by {@link Kernel#rows},
 * variable after variable. Not thread-safe.
 */
public final class RowSet {
  private final ParameterLayout layout;
  private final int[] widths;

  /** The place of the first row of each variable, and of the end; likewise of the first number. */
  private final int[] firstPlace;

  private final int[] firstElement;

  /** Whether all rows of each variable are here. */
  private final boolean[] whole;

  private int[] rows = new int[0];
  private int variable;

  /** Makes a set of no rows. */
  public RowSet(ParameterLayout layout) {
    this.layout = layout;
    this.widths = layout.variables().stream().mapToInt(ParameterVariable::width).toArray();
    this.firstPlace = new int[widths.length + 1];
    this.firstElement = new int[firstPlace.length];
    this.whole = new boolean[widths.length];
  }

  /** Lets a kernel fill this anew for a batch; without samples nothing is needed. */
  public RowSet fill(Kernel kernel, Batch batch) {
    clear();
    if (batch.samples() > 0) {
      kernel.rows(batch, this);
    }
    return this;
  }

  /** Removes all rows; then the first variable is the next one. */
  public void clear() {
    variable = 0;
    Arrays.fill(firstPlace, 0);
    Arrays.fill(firstElement, 0);
    Arrays.fill(whole, false);
  }

  /**
   * Adds, of the next variable, which has a row for each feature, the rows of the batch's features.
   */
  public void features(Batch batch) {
    some(batch.ids(), batch.idsFrom(), batch.idsTo());
  }

  /**
   * Adds, of the next variable, which has a row for each feature of a space, the rows of the
   * batch's features, or, for a dense space, all rows. The local ids of these features begin at
   * {@code batch.localId(inputs.first(space))}; of a sparse space or one of ids, row r of those
   * that were asked for is that of the local id after so many.
   *
   * @param space the place of the space among the spaces
   */
  public void features(Batch batch, InputSpec inputs, int space) {
    int first = inputs.first(space);
    int end = inputs.end(space);
    int rows = layout.firstRow(variable + 1) - layout.firstRow(variable);
    if (rows != end - first) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot ask for rows of variable %s: expected one for each of the %d features of"
                  + " space %s, found %d",
              layout.variables().get(variable).name(),
              end - first,
              inputs.spaces().get(space).name(),
              rows));
    }
    if (inputs.spaces().get(space).kind() == InputSpec.Kind.DENSE) {
      whole();
      return;
    }
    int from = batch.idsFrom() + batch.localId(first);
    some(batch.ids(), from, batch.idsFrom() + batch.localId(end), first);
  }

  /**
   * Adds some rows of the next variable.
   *
   * @param ids numbers of rows within the variable, ascending at {@code [from, to)}
   */
  public void some(int[] ids, int from, int to) {
    some(ids, from, to, 0);
  }

  /** Adds rows by ids that are larger than the rows' numbers by {@code first}. */
  private void some(int[] ids, int from, int to, int first) {
    int count = to - from;
    int at = room(count);
    int shift = layout.firstRow(variable) - first;
    System.arraycopy(ids, from, rows, at, count);
    if (shift != 0) {
      for (int i = at; i < at + count; i++) {
        rows[i] += shift;
      }
    }
    added(count);
  }

  /** Adds all rows of the next variable. */
  public void whole() {
    int first = layout.firstRow(variable);
    int count = layout.firstRow(variable + 1) - first;
    int at = room(count);
    for (int i = 0; i < count; i++) {
      rows[at + i] = first + i;
    }
    whole[variable] = true;
    added(count);
  }

  /** Adds no rows of the next variable. */
  public void none() {
    added(0);
  }

  private int room(int count) {
    int at = firstPlace[variable];
    if (rows.length - at < count) {
      int wanted = Math.addExact(at, count);
      rows = Arrays.copyOf(rows, Scratch.roomier(wanted));
    }
    return at;
  }

  private void added(int count) {
    firstPlace[variable + 1] = firstPlace[variable] + count;
    firstElement[variable + 1] =
        Math.addExact(firstElement[variable], Math.multiplyExact(count, widths[variable]));
    variable++;
    // Variables that come after are empty and lie where this one ends.
    for (int v = variable + 1; v < firstPlace.length; v++) {
      firstPlace[v] = firstPlace[variable];
      firstElement[v] = firstElement[variable];
    }
  }

  /** The global ids of the rows, ascending, the first {@link #count} places. */
  public int[] rows() {
    return rows;
  }

  /** Whether a kernel has asked for a variable as a {@linkplain #whole() whole}. */
  public boolean isWhole(int ofVariable) {
    return whole[ofVariable];
  }

  /**
   * The place where the rows of a variable begin; for the number of variables the place where the
   * last one's end.
   */
  public int place(int ofVariable) {
    return firstPlace[ofVariable];
  }

  /** The number of rows. */
  public int count() {
    return firstPlace[firstPlace.length - 1];
  }

  /** The number of these rows' numbers. */
  public int elements() {
    return firstElement[firstElement.length - 1];
  }

  /** The array that is held, or a new one if that has no room for the numbers of these rows. */
  public float[] room(float[] held) {
    return held.length >= elements() ? held : new float[Scratch.roomier(elements())];
  }

  /**
   * The place where a variable's numbers begin; for the number of variables the place where the
   * last one's end.
   */
  public int start(int ofVariable) {
    return firstElement[ofVariable];
  }

  /** Checks that arrays of these lengths have room for the numbers. */
  void checkRoom(int values, int gradients) {
    if (values < elements() || gradients < elements()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot compute gradient: expected room for %d numbers, found %d values, %d"
                  + " gradients",
              elements(),
              values,
              gradients));
    }
  }

  /**
   * Cuts the rows by their owners.
   *
   * @param places receives the place from which on rows are those of each shard; and the end
   * @param elements receives the same for their numbers
   */
  public void cut(ShardAssignment assignment, int[] places, int[] elements) {
    int[] cuts = assignment.split(rows, 0, count());
    System.arraycopy(cuts, 0, places, 0, cuts.length);
    int v = 0;
    for (int s = 0; s < cuts.length; s++) {
      while (v + 1 < firstPlace.length - 1 && cuts[s] >= firstPlace[v + 1]) {
        v++;
      }
      elements[s] = firstElement[v] + (cuts[s] - firstPlace[v]) * widths[v];
    }
  }
}
