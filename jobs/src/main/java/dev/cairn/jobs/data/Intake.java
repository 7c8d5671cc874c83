package dev.cairn.jobs.data;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The counts of the input's rows before any was trained on.
 *
 * @param read the number of all rows
 * @param malformed the number of rows that do not fit the format and are left out (or kept, if
 *     asked for)
 * @param skipped the number of rows left out for a missing or invalid value
 * @param negativeOnes whether labels were -1 and 1, taken as 0 and 1
 * @param nulls the numbers of rows with a null, by feature column; columns without one are left out
 */
public record Intake(
    long read, long malformed, long skipped, boolean negativeOnes, SortedMap<String, Long> nulls) {
  /** Copies the map. */
  public Intake {
    nulls = Collections.unmodifiableSortedMap(new TreeMap<>(nulls));
  }
}
