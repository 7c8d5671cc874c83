package dev.cairn.spark.coordinator;

import java.time.Duration;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The settings of saves.
 *
 * @param skipWhileInFlight whether a save is left out, and does not wait, when the one before is
 *     not durable yet
 * @param captureTimeout the time that freezing all shards may take
 * @param timeout the time that a save may take until it is durable
 * @param toleratedFailures the number of saves in a row that may fail; one more is an error of the
 *     training
 * @param keepInMemory whether executors keep the committed state in memory for recovery
 * @param hadoopProperties settings of the executors' file system clients
 * @param applicationId the application's id, for the manifest
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
