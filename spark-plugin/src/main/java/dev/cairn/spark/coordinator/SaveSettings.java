package dev.cairn.spark.coordinator;

import java.time.Duration;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How checkpoints are taken.
 *
 * @param skipWhileInFlight whether a save is left out, and does not wait, when the one before is
 *     not durable yet
 * @param captureTimeout how long freezing all shards may take
 * @param timeout how long a save may take until it is durable
 * @param toleratedFailures how many saves in a row may fail; one more is an error of the training
 * @param keepInMemory whether executors keep the committed state in memory for recovery
 * @param hadoopProperties settings of the executors' file system clients
 * @param applicationId recorded in the manifest
 */
public record SaveSettings(
    boolean skipWhileInFlight,
    Duration captureTimeout,
    Duration timeout,
    int toleratedFailures,
    boolean keepInMemory,
    SortedMap<String, String> hadoopProperties,
    String applicationId) {

  /** Copies the properties. */
  public SaveSettings {
    hadoopProperties = Collections.unmodifiableSortedMap(new TreeMap<>(hadoopProperties));
  }
}
