package dev.cairn.checkpoint.model;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of a published version of a model: where it came from, what it was trained on, how
 * it was judged. It lies in the version's folder and never changes.
 *
 * @param number of the version, from 1 on; the name of its folder
 * @param created when it was published
 * @param by who published it, {@code user@host}
 * @param origin how it came about
 * @param parent the version that it was trained on from, or, of a rollback, the one that it
 *     repeats; empty for a model that began from nothing
 * @param previous the version that was in use when it was published; empty for the first one
 * @param checkpoint where it was copied from
 * @param attempt of the checkpoint's manifest; it tells one commit from all others
 * @param step of the checkpoint
 * @param kind of the model
 * @param data what it was trained on since its parent; empty where nobody said
 * @param figures how it did on held-out rows, by metric
 * @param before how its parent did on the same rows
 * @param gate the checks that it passed, in words; empty if there were none
 * @param files all of the version's files but this record and those of its checkpoint
 */
public record VersionRecord(
    long number,
    Instant created,
    String by,
    Origin origin,
    Optional<Long> parent,
    Optional<Long> previous,
    String checkpoint,
    String attempt,
    long step,
    String kind,
    Optional<UsedData> data,
    SortedMap<String, Double> figures,
    SortedMap<String, Double> before,
    List<String> gate,
    List<DataFile> files) {

  /** How a version came about. */
  public enum Origin {
    /** Somebody published a checkpoint. */
    PUBLISH,
    /** A refresh trained it, and it passed the gate. */
    REFRESH,
    /** An older version, once more. */
    ROLLBACK
  }

  /**
   * The rows that a model was trained on.
   *
   * @param input where they were read
   * @param fingerprint of their content
   * @param rows their number
   * @param range where they lie on the axis along which data arrives; empty if nobody said which
   */
  public record UsedData(String input, String fingerprint, long rows, Optional<Range> range) {
    /** Checks that all are there. */
    public UsedData {
      Objects.requireNonNull(input, "input");
      Objects.requireNonNull(fingerprint, "fingerprint");
      Objects.requireNonNull(range, "range");
      if (rows < 0) {
        throw new IllegalArgumentException(
            "Cannot describe data: expected a number of rows from 0 on, found " + rows);
      }
    }
  }

  /**
   * The least and the greatest value of a column, both of them among the rows, by one order of
   * texts: first whole numbers by their value, then all others, such as 2001-06-01T00:00:00, by the
   * bytes of UTF-8.
   *
   * @param column or expression, without regard to case, as Spark finds it
   */
  public record Range(String column, String from, String to) {
    /** The pattern of a text that is a whole number; it matches the whole text. */
    public static final String NUMBER = "\\A-?[0-9]{1,38}\\z";

    /** Checks the order. */
    public Range {
      if (compare(from, to) > 0) {
        throw new IllegalArgumentException(
            "Cannot describe data: " + column + " from " + from + " to " + to + " is no range");
      }
    }

    /** Whether there may be values that are in both ranges; those of other columns say nothing. */
    public boolean overlaps(Range other) {
      return column.equalsIgnoreCase(other.column)
          && compare(from, other.to) <= 0
          && compare(other.from, to) <= 0;
    }

    private static int compare(String one, String other) {
      boolean number = one.matches(NUMBER);
      if (number != other.matches(NUMBER)) {
        return number ? -1 : 1;
      }
      return number
          ? new BigInteger(one).compareTo(new BigInteger(other))
          : Arrays.compareUnsigned(
              one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
      return column + " from " + from + " to " + to;
    }
  }

  /** Copies the collections and checks numbers and names. */
  public VersionRecord {
    Objects.requireNonNull(created, "created");
    Objects.requireNonNull(by, "by");
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(checkpoint, "checkpoint");
    Objects.requireNonNull(attempt, "attempt");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(data, "data");
    figures = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, Double>) figures));
    before = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, Double>) before));
    gate = List.copyOf(gate);
    files = List.copyOf(files);
    boolean older =
        parent.map(of -> of >= 1 && of < number).orElse(true)
            && previous.map(of -> of >= 1 && of < number).orElse(true);
    if (number < 1 || step < 0 || !older) {
      throw new IllegalArgumentException(
          "Cannot describe a version: expected numbers from 1 on, and those before it to be"
              + " smaller, found number="
              + number
              + " step="
              + step
              + " parent="
              + parent.map(Object::toString).orElse("none")
              + " previous="
              + previous.map(Object::toString).orElse("none"));
    }
    Set<String> names = new HashSet<>();
    for (DataFile file : files) {
      if (!names.add(file.name())) {
        throw new IllegalArgumentException(
            "Cannot describe a version: file " + file.name() + " is named twice");
      }
    }
  }
}
