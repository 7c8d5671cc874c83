package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.VersionRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that was ever published of a model, by number: versions that are there, and those that were
 * collected. Immutable.
 *
 * @param versions the records that are in order
 * @param unreadable what is wrong with the others: {@link CheckpointException.Corrupt} where a
 *     record is damaged, {@link CheckpointException.NotFound} where a folder has none, since
 *     another program has made it or somebody has removed it
 */
public record VersionHistory(
    SortedMap<Long, VersionRecord> versions, SortedMap<Long, CheckpointException> unreadable) {
  /** Copies the maps. */
  public VersionHistory {
    versions =
        Collections.unmodifiableSortedMap(new TreeMap<>((Map<Long, VersionRecord>) versions));
    unreadable =
        Collections.unmodifiableSortedMap(
            new TreeMap<>((Map<Long, CheckpointException>) unreadable));
  }

  /**
   * A version and those that it came from, newest first, as far as the records tell: they end at
   * one of which nothing is left, as in a folder to which versions were copied, or nothing can be
   * read. What was rolled back is no ancestor.
   */
  public List<VersionRecord> ancestors(VersionRecord of) {
    List<VersionRecord> line = new ArrayList<>();
    Optional<VersionRecord> next = Optional.of(of);
    while (next.isPresent()) {
      line.add(next.get());
      next = next.get().parent().map(number -> versions.get(number));
    }
    return line;
  }
}
