package dev.cairn.checkpoint.model;

import java.time.Instant;
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
 * The commit record: a checkpoint exists if and only if its manifest is in place.
 *
 * @param formatVersion {@code major.minor}, {@link #FORMAT_VERSION} when written by this program
 * @param attempt the attempt that succeeded; it tells two commits of a step apart
 * @param step the step whose state this is
 * @param wallTime the time of the commit
 * @param index the TensorFlow bundle's index
 * @param files the data files in the order of their shards
 * @param variables the number of variables, slots included
 * @param slices the number of stored slices
 * @param training the state of the training run; empty if the checkpoint is of none
 * @param parent name of the checkpoint from which this one's run went on
 * @param applicationId id of the application that wrote it; may be empty
 * @param phaseMillis the milliseconds that each phase of the save took
 */
public record Manifest(
    String formatVersion,
    String attempt,
    long step,
    Instant wallTime,
    DataFile index,
    List<DataFile> files,
    long variables,
    long slices,
    Optional<TrainingState> training,
    Optional<String> parent,
    String applicationId,
    SortedMap<String, Long> phaseMillis) {

  /** The version that this program writes. */
  public static final String FORMAT_VERSION = "3.0";

  /** Copies the collections and checks that no file is named twice. */
  public Manifest {
    Objects.requireNonNull(formatVersion, "formatVersion");
    Objects.requireNonNull(attempt, "attempt");
    Objects.requireNonNull(wallTime, "wallTime");
    Objects.requireNonNull(training, "training");
    Objects.requireNonNull(parent, "parent");
    Objects.requireNonNull(applicationId, "applicationId");
    files = List.copyOf(files);
    phaseMillis = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, Long>) phaseMillis));
    if (step < 0 || variables < 0 || slices < 0) {
      throw new IllegalArgumentException(
          "Cannot make a manifest: expected numbers from 0 on, found step="
              + step
              + " variables="
              + variables
              + " slices="
              + slices);
    }
    Set<String> names = new HashSet<>(Set.of(index.name()));
    for (DataFile file : files) {
      if (!names.add(file.name())) {
        throw new IllegalArgumentException(
            "Cannot make a manifest: file " + file.name() + " is named twice");
      }
    }
  }

  /** Bytes of all data files. */
  public long totalBytes() {
    long sum = 0;
    for (DataFile file : files) {
      sum = Math.addExact(sum, file.length());
    }
    return sum;
  }
}
