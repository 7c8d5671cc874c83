package dev.cairn.spark.reading;

import dev.cairn.spark.transport.ShardDirectory;
import java.io.Serializable;

/** What the driver answers to {@link ShardsWanted}. */
public sealed interface ShardsAnswer extends Serializable {

  /** They are here. */
  record Here(ShardDirectory directory) implements ShardsAnswer {}

  /**
   * They are being loaded, or looked at: ask again soon, with this number.
   *
   * @param loading which load
   */
  record NotYet(long loading) implements ShardsAnswer {}

  /** They cannot be loaded. */
  record Failed(String why) implements ShardsAnswer {}
}
