package dev.cairn.checkpoint;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Settings for keeping and reaching checkpoints. Immutable; start from {@link #defaults}.
 *
 * @param keep the number of checkpoints that are kept; 0 keeps all
 * @param hadoopProperties Hadoop settings laid over the ones found on the class path
 * @param applicationId id of the application that writes; a later session of the same application
 *     takes over from an earlier one without waiting. May be empty
 * @param ownerTimeout the time without a sign of life after which the session of another machine
 *     counts as dead
 */
public record FolderOptions(
    int keep,
    SortedMap<String, String> hadoopProperties,
    String applicationId,
    Duration ownerTimeout) {

  /** Copies the settings and checks them. */
  public FolderOptions {
    Objects.requireNonNull(applicationId, "applicationId");
    hadoopProperties =
        Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, String>) hadoopProperties));
    if (keep < 0) {
      throw new IllegalArgumentException(
          "Cannot keep " + keep + " checkpoints: expected a number from 1 on, or 0 for all");
    }
    if (ownerTimeout.isNegative() || ownerTimeout.isZero()) {
      throw new IllegalArgumentException(
          "Cannot wait " + ownerTimeout + " for an owner: expected a positive duration");
    }
  }

  /**
   * The default settings: all checkpoints are kept, plain Hadoop settings, no application, and an
   * owner timeout of 30 seconds.
   */
  public static FolderOptions defaults() {
    return new FolderOptions(0, new TreeMap<>(), "", Duration.ofSeconds(30));
  }

  /** Returns a copy that keeps this many checkpoints; 0 keeps all. */
  public FolderOptions withKeep(int count) {
    return new FolderOptions(count, hadoopProperties, applicationId, ownerTimeout);
  }

  /** Returns a copy with these Hadoop settings in place of the present ones. */
  public FolderOptions withHadoopProperties(SortedMap<String, String> properties) {
    return new FolderOptions(keep, properties, applicationId, ownerTimeout);
  }

  /** Returns a copy with the id of the application that writes. */
  public FolderOptions withApplicationId(String id) {
    return new FolderOptions(keep, hadoopProperties, id, ownerTimeout);
  }

  /** Returns a copy with another time after which a silent owner counts as dead. */
  public FolderOptions withOwnerTimeout(Duration timeout) {
    return new FolderOptions(keep, hadoopProperties, applicationId, timeout);
  }
}
