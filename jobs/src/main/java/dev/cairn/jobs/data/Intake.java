package dev.cairn.jobs.data;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What became of the rows of the input before any was trained on.
 *
 * @param read all rows
 * @param malformed rows that are not what the format asks for, left out (or kept, if asked for)
 * @param skipped rows left out for a missing or invalid value
 * @param negativeOnes whether labels were -1 and 1, taken as 0 and 1
 * @param nulls rows with a null, by feature column; columns without one are not there
 */
public record Intake(
    long read, long malformed, long skipped, boolean negativeOnes, SortedMap<String, Long> nulls) {
  /** Copies the map. */
  public Intake {
    nulls = Collections.unmodifiableSortedMap(new TreeMap<>(nulls));
  }
}
