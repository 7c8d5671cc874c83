package dev.cairn.spark.host;

import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.transport.Contribution;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardMessage.Exchange;
import dev.cairn.spark.transport.SharedRows;
import dev.cairn.spark.transport.TransportException.Refused;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows that each partition has asked a shard for: those of the open step, which its next
 * gradients belong to, and those of the step after it. It also refuses messages whose rows or
 * gradients do not go with the shard. Not thread-safe: the gate guards it.
 */
final class AskedRows {
  private final ParameterShard shard;
  private @Nullable WantedRows[] now;
  private @Nullable WantedRows[] next;

  AskedRows(ParameterShard shard, int partitions) {
    this.shard = shard;
    this.now = new @Nullable WantedRows[partitions];
    this.next = new @Nullable WantedRows[partitions];
  }

  /** Forgets all of them. */
  void clear() {
    Arrays.fill(now, null);
    Arrays.fill(next, null);
  }

  /** Makes the next step the open one. */
  void advance() {
    @Nullable WantedRows[] old = now;
    now = next;
    next = old;
    Arrays.fill(next, null);
  }

  /** Takes what a partition asks for at a segment's opening. */
  void open(Contribution c) {
    // A second opening of a partition that has gone on already is only answered.
    if (next[c.partition()] == null) {
      now[c.partition()] = WantedRows.of(c);
    }
  }

  /**
   * Takes what a partition asks for of the next step.
   *
   * @return the rows of its gradients; null if it has asked before
   */
  @Nullable WantedRows takeUp(Contribution c) {
    int p = c.partition();
    WantedRows before = next[p] == null ? now[p] : null;
    if (before != null) {
      next[p] = WantedRows.of(c);
    }
    return before;
  }

  /** The rows of the open step that partitions asked for. */
  List<WantedRows> ofOpenStep(int[] partitions) throws Refused {
    return of(partitions, now);
  }

  /** The rows of the next step that partitions asked for. */
  List<WantedRows> ofNextStep(int[] partitions) throws Refused {
    return of(partitions, next);
  }

  private static List<WantedRows> of(int[] partitions, @Nullable WantedRows[] asked)
      throws Refused {
    List<WantedRows> wanted = new ArrayList<>(partitions.length);
    for (int p : partitions) {
      WantedRows rows = p < 0 || p >= asked.length ? null : asked[p];
      if (rows == null) {
        throw malformed("partition %d brings norms but asked for no rows", p);
      }
      wanted.add(rows);
    }
    return wanted;
  }

  /**
   * Passes if an exchange's rows are the shard's.
   *
   * @param gradients whether it must bring the gradients of the open step's rows, too
   */
  void check(Exchange exchange, boolean gradients) throws Refused {
    checkShared(exchange.shared());
    for (Contribution c : exchange.contributions()) {
      if (c.partition() >= now.length) {
        throw malformed("there are %d partitions, not %d", now.length, c.partition() + 1);
      }
      checkWanted(c);
      if (gradients) {
        checkGradients(c);
      }
    }
  }

  /** Passes if rows that partitions share are the shard's. */
  void checkShared(SharedRows shared) throws Refused {
    int[] bounds = shared.bounds();
    if (bounds.length > 0
        && (bounds[0] < shard.firstRow() || bounds[bounds.length - 1] > shard.endRow())) {
      throw malformed(
          "shared rows must be %d to %d, found %d to %d",
          shard.firstRow(), shard.endRow() - 1, bounds[0], bounds[bounds.length - 1] - 1);
    }
  }

  private void checkWanted(Contribution c) throws Refused {
    int previous = shard.firstRow() - 1;
    for (int i = c.wantedFrom(); i < c.wantedTo(); i++) {
      if (c.wanted()[i] <= previous) {
        throw malformed(
            "rows must ascend from %d on, found %d after %d",
            shard.firstRow(), c.wanted()[i], previous);
      }
      previous = c.wanted()[i];
    }
    if (previous >= shard.endRow()) {
      throw malformed("rows end before %d, found %d", shard.endRow(), previous);
    }
  }

  private void checkGradients(Contribution c) throws Refused {
    WantedRows before = now[c.partition()];
    if (before == null) {
      throw malformed("partition %d brings gradients but asked for no rows", c.partition());
    }
    long expected = shard.layout().elements(before.rows(), before.from(), before.to());
    if (c.gradientCount() != expected) {
      throw malformed(
          "partition %d brings %d gradients, expected %d",
          c.partition(), c.gradientCount(), expected);
    }
  }

  private static Refused malformed(String format, Object... found) {
    return StepGate.refused(Refusal.MALFORMED, format, found);
  }
}
