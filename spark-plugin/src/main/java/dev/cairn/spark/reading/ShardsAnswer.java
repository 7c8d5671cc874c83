package dev.cairn.spark.reading;

import dev.cairn.spark.shard.ShardAssignment;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardDirectory;
import java.util.ArrayList;
import java.util.List;

/**
 * The driver's answer to {@link ShardsWanted}.
 *
 * <p>It travels packed into classes of the JDK alone: Spark reads a plugin's answers with the class
 * loader of Spark itself, which does not find jars that came with {@code spark-submit}, and an
 * executor that meets an unknown class there loses its connection to the driver and ends.
 */
public sealed interface ShardsAnswer {

  /** The owners of the shards. */
  record Here(ShardDirectory directory) implements ShardsAnswer {}

  /**
   * The shards are being loaded or checked: ask again soon, with this number.
   *
   * @param loading the number of the load
   */
  record NotYet(long loading) implements ShardsAnswer {}

  /** The shards cannot be loaded. */
  record Failed(String why) implements ShardsAnswer {}

  /** This answer in classes of the JDK, for {@link #unpacked}. */
  default Object[] packed() {
    if (this instanceof NotYet notYet) {
      return new Object[] {"not yet", notYet.loading()};
    }
    if (this instanceof Failed failed) {
      return new Object[] {"failed", failed.why()};
    }
    ShardDirectory directory = ((Here) this).directory();
    ShardAssignment assignment = directory.assignment();
    List<Object> owners = new ArrayList<>();
    for (ShardAddress owner : directory.owners()) {
      owners.add(new Object[] {owner.executorId(), owner.host(), owner.port()});
    }
    return new Object[] {
      "here",
      directory.model(),
      assignment.generation(),
      assignment.blockBounds(),
      assignment.rowBounds(),
      owners.toArray()
    };
  }

  /** Unpacks an answer of {@link #packed}. */
  static ShardsAnswer unpacked(Object packed) {
    Object[] parts = (Object[]) packed;
    return switch ((String) parts[0]) {
      case "not yet" -> new NotYet((Long) parts[1]);
      case "failed" -> new Failed((String) parts[1]);
      case "here" -> new Here(directory(parts));
      default -> throw new IllegalArgumentException("Cannot read an answer: found " + parts[0]);
    };
  }

  private static ShardDirectory directory(Object[] parts) {
    List<ShardAddress> owners = new ArrayList<>();
    for (Object one : (Object[]) parts[5]) {
      Object[] owner = (Object[]) one;
      owners.add(new ShardAddress((String) owner[0], (String) owner[1], (Integer) owner[2]));
    }
    ShardAssignment assignment =
        ShardAssignment.ofBounds((Long) parts[2], (int[]) parts[3], (int[]) parts[4]);
    return new ShardDirectory((String) parts[1], assignment, owners);
  }
}
