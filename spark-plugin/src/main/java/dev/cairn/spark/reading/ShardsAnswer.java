package dev.cairn.spark.reading;

import dev.cairn.spark.shard.ShardAssignment;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardDirectory;
import java.util.ArrayList;
import java.util.List;

/**
 * What the driver answers to {@link ShardsWanted}.
 *
 * <p>It travels packed into classes of the JDK alone: Spark reads a plugin's answers with the class
 * loader of Spark itself, which does not see jars that came with {@code spark-submit}, and an
 * executor that meets an unknown class there loses its connection to the driver and ends.
 */
public sealed interface ShardsAnswer {

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

  /** The answer that {@link #packed} gave. */
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
