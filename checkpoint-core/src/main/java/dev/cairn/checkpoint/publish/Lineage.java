package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.model.VersionRecord.Origin;
import dev.cairn.checkpoint.model.VersionRecord.UsedData;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What whoever publishes a version knows of it; {@link dev.cairn.checkpoint.model.VersionRecord}
 * explains each field.
 *
 * @param origin how it came about
 * @param parent the version that it was trained on from
 * @param data what it was trained on since
 * @param figures how it did on held-out rows
 * @param before how its parent did on them
 * @param gate the checks that it passed
 */
public record Lineage(
    Origin origin,
    Optional<Long> parent,
    Optional<UsedData> data,
    SortedMap<String, Double> figures,
    SortedMap<String, Double> before,
    List<String> gate) {
  /** Copies the collections. */
  public Lineage {
    figures = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, Double>) figures));
    before = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, Double>) before));
    gate = List.copyOf(gate);
  }

  /** That of a checkpoint that somebody publishes by hand. */
  public static Lineage byHand(
      Optional<Long> parent, Optional<UsedData> data, SortedMap<String, Double> figures) {
    return new Lineage(
        Origin.PUBLISH, parent, data, figures, Collections.emptySortedMap(), List.of());
  }
}
