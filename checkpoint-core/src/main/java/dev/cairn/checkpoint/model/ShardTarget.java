package dev.cairn.checkpoint.model;

/**
 * The place to write one shard in, for a writer on another machine.
 *
 * @param directory the attempt's staging directory, with its scheme
 * @param attempt the attempt, to be repeated in the report
 * @param shard this shard, from 0
 * @param shards the number of shards
 */
public record ShardTarget(String directory, String attempt, int shard, int shards) {

  /** Checks the numbers. */
  public ShardTarget {
    if (shards < 1 || shard < 0 || shard >= shards) {
      throw new IllegalArgumentException(
          "Cannot write shard " + shard + " of " + shards + ": expected 0 <= shard < shards");
    }
    if (directory.isEmpty() || attempt.isEmpty() || attempt.indexOf('\n') >= 0) {
      throw new IllegalArgumentException("Cannot write a shard: no directory or attempt given");
    }
  }

  /** Encodes this as text for a message. */
  public String encode() {
    return attempt + "\n" + shard + "\n" + shards + "\n" + directory;
  }

  /** Decodes text of {@link #encode}. */
  public static ShardTarget decode(String text) {
    String[] parts = text.split("\n", 4);
    if (parts.length != 4) {
      throw new IllegalArgumentException(
          "Cannot read a shard target: expected 4 parts, found " + parts.length);
    }
    return new ShardTarget(
        parts[3], parts[0], Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
  }
}
