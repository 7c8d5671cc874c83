package dev.cairn.spark.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.spark.metrics.ExecutorMetrics;
import dev.cairn.spark.shard.NotFiniteException;
import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.shard.StepAggregator;
import dev.cairn.spark.transport.Contribution;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardMessage.Exchange;
import dev.cairn.spark.transport.ShardMessage.Norms;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.SharedRows;
import dev.cairn.spark.transport.TransportException.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The step clock of one shard. Exchanges of the open step gather here; the one that brings the last
 * missing partition applies the step and answers all of them.
 *
 * <p>If the optimizer limits a norm, the last one has the squares summed instead, which all are
 * answered with, and the step stays open until the first sender comes with the norms of all shards.
 * A sender that comes after that must have the same norms, and is answered with its rows.
 *
 * <p>Thread-safe; nothing in here waits. A step is applied under the lock (no other work could be
 * done meanwhile), rows are read and futures completed outside of it. That is sound: rows cannot
 * change before every partition has brought its next gradients, which it computes from these rows.
 * Only a second sender for the same partition could see later rows, and its gradients from them
 * belong to a step that is over then, so they are never counted.
 */
final class StepGate {
  /** A sender that waits, for an answer that is known or for rows. */
  private record Waiting(
      CompletableFuture<ShardReply> answer,
      List<WantedRows> rows,
      SharedRows shared,
      Optional<ShardReply> known) {
    static Waiting forRows(List<WantedRows> rows, SharedRows shared) {
      return new Waiting(new CompletableFuture<>(), rows, shared, Optional.empty());
    }

    /** The same, answered with squares. */
    Waiting answeredWith(double[] squares) {
      return new Waiting(
          answer, List.of(), SharedRows.NONE, Optional.of(new ShardReply.Squares(squares)));
    }
  }

  private final ParameterShard shard;
  private final ExecutorMetrics metrics;

  /** Whether the optimizer limits a norm. */
  private final boolean norms;

  @GuardedBy("this")
  private final StepAggregator aggregator;

  @GuardedBy("this")
  private final AskedRows asked;

  @GuardedBy("this")
  private final double[] lossSums;

  @GuardedBy("this")
  private final long[] lossRows;

  @GuardedBy("this")
  private final LossLog losses = new LossLog();

  @GuardedBy("this")
  private List<Waiting> waiting = new ArrayList<>();

  @GuardedBy("this")
  private final NormRound round = new NormRound();

  @GuardedBy("this")
  private long step;

  @GuardedBy("this")
  private long segment;

  @GuardedBy("this")
  private String closedBecause = "no segment was opened";

  @GuardedBy("this")
  private boolean open;

  /** The reason why the shard's numbers are not those of a step any more; null while they are. */
  @GuardedBy("this")
  private @Nullable String diverged;

  /** The time when the open step's first contribution came; for people. */
  @GuardedBy("this")
  private long firstNanos;

  /** Makes a gate before the step after {@code step}, with no segment open. */
  StepGate(ParameterShard shard, int partitions, long step, ExecutorMetrics metrics) {
    this.shard = shard;
    this.metrics = metrics;
    this.norms = shard.optimizer().limitsNorm();
    this.aggregator = new StepAggregator(shard, partitions);
    this.asked = new AskedRows(shard, partitions);
    this.lossSums = new double[partitions];
    this.lossRows = new long[partitions];
    this.step = step;
    losses.startAfter(step);
  }

  /** Opens a segment; one that is still open is given up. */
  void openSegment(long newSegment, long atStep) throws Refused {
    synchronized (this) {
      checkSound();
      if (newSegment <= segment) {
        throw refused(Refusal.WRONG_SEGMENT, "segment %d was opened before", segment);
      }
      if (atStep != step) {
        throw refused(Refusal.WRONG_STEP, "the shard is at step %d, not %d", step, atStep);
      }
    }
    abandon("segment " + newSegment + " begins");
    synchronized (this) {
      segment = newSegment;
      open = true;
    }
  }

  /** Gives a segment up, if it is the open one. */
  void abandonSegment(long itsSegment, String why) {
    synchronized (this) {
      if (itsSegment != segment) {
        return;
      }
    }
    abandon(why);
  }

  /** Closes the gate: fails whatever waits and forgets the open step's gradients. */
  void abandon(String why) {
    abandon(refused(Refusal.ABANDONED, "the segment was given up: %s", why), why);
  }

  private void abandon(Refused refusal, String why) {
    List<Waiting> failed;
    synchronized (this) {
      open = false;
      closedBecause = why;
      aggregator.reset();
      round.giveUp();
      asked.clear();
      failed = waiting;
      waiting = new ArrayList<>();
    }
    failed.forEach(w -> w.answer().complete(ShardHost.refusal(refusal)));
  }

  /** Takes part in a step. */
  CompletableFuture<ShardReply> exchange(Exchange exchange) throws Refused {
    Waiting sender =
        Waiting.forRows(
            exchange.contributions().stream().map(WantedRows::of).toList(), exchange.shared());
    List<Waiting> ready;
    long reached;
    @Nullable String broken;
    synchronized (this) {
      check(exchange);
      if (exchange.opening()) {
        exchange.contributions().forEach(asked::open);
        ready = List.of(sender);
      } else if (exchange.step() == step) {
        ready = List.of(norms ? sender.answeredWith(round.before(step)) : sender);
      } else {
        ready = offered(exchange, sender);
      }
      reached = step;
      broken = diverged;
    }
    answer(ready, reached, broken);
    return sender.answer();
  }

  /** Applies the step whose gradients are all there, or has applied it. */
  CompletableFuture<ShardReply> norms(Norms message) throws Refused {
    Waiting sender;
    List<Waiting> ready;
    long reached;
    @Nullable String broken;
    synchronized (this) {
      checkOpen(message.segment());
      round.check(message, step, shard.layout().variables().size());
      asked.checkShared(message.shared());
      if (message.step() == step) {
        sender = Waiting.forRows(asked.ofOpenStep(message.partitions()), message.shared());
        ready = List.of(sender);
      } else {
        sender = Waiting.forRows(asked.ofNextStep(message.partitions()), message.shared());
        waiting.add(sender);
        round.apply(message);
        ready = applied();
      }
      reached = step;
      broken = diverged;
    }
    answer(ready, reached, broken);
    return sender.answer();
  }

  /** Takes gradients of the open step; returns the senders that are to be answered now. */
  @GuardedBy("this")
  private List<Waiting> offered(Exchange exchange, Waiting sender) {
    if (round.waits()) {
      return List.of(sender.answeredWith(round.squares())); // a second attempt of a task
    }
    if (waiting.isEmpty()) {
      firstNanos = System.nanoTime();
    }
    waiting.add(sender);
    boolean complete = false;
    for (Contribution c : exchange.contributions()) {
      complete |= offer(c);
    }
    if (!complete) {
      return List.of();
    }
    return norms ? squared() : applied();
  }

  /** Sums the squares of the complete step; returns all senders that wait for them. */
  @GuardedBy("this")
  private List<Waiting> squared() {
    double[] sums = aggregator.squares();
    round.begin(sums);
    List<Waiting> ready = waiting.stream().map(w -> w.answeredWith(sums)).toList();
    waiting = new ArrayList<>();
    return ready;
  }

  private void answer(List<Waiting> ready, long reached, @Nullable String broken) {
    if (broken != null) {
      abandon(new Refused(Refusal.DIVERGED, broken), broken);
    }
    for (Waiting w : ready) {
      answer(w, reached);
    }
  }

  @GuardedBy("this")
  private void checkOpen(long itsSegment) throws Refused {
    if (itsSegment != segment) {
      throw refused(Refusal.WRONG_SEGMENT, "the segment is %d, not %d", segment, itsSegment);
    }
    if (!open) {
      throw refused(Refusal.ABANDONED, "the segment is closed: %s", closedBecause);
    }
  }

  @GuardedBy("this")
  private void check(Exchange exchange) throws Refused {
    checkOpen(exchange.segment());
    long at = exchange.step();
    if (at != step && (exchange.opening() || at != step + 1)) {
      throw refused(Refusal.WRONG_STEP, "the shard is at step %d, the sender at %d", step, at);
    }
    asked.check(exchange, at == step + 1);
  }

  @GuardedBy("this")
  private boolean offer(Contribution c) {
    int p = c.partition();
    WantedRows before = asked.takeUp(c);
    if (before == null) {
      return false; // counted already: a second attempt of a task
    }
    StepAggregator.Offer offer =
        aggregator.offer(
            p, before.rows(), before.from(), before.to(), c.gradients(), c.gradientsFrom());
    lossSums[p] = c.lossSum();
    lossRows[p] = c.lossRows();
    return offer == StepAggregator.Offer.COMPLETED;
  }

  /** Applies the complete step; returns the senders that waited for it, none if numbers diverge. */
  @GuardedBy("this")
  private List<Waiting> applied() {
    long lastNanos = System.nanoTime();
    try {
      if (norms) {
        aggregator.apply(step, round.ofVariables());
      } else {
        aggregator.apply(step);
      }
    } catch (NotFiniteException e) {
      diverged = diverged(step + 1, e);
      return List.of();
    }
    metrics.applied(lastNanos - firstNanos, System.nanoTime() - lastNanos);
    step++;
    double sum = 0;
    long rows = 0;
    for (int p = 0; p < lossSums.length; p++) {
      sum += lossSums[p];
      rows += lossRows[p];
    }
    losses.add(sum, rows);
    asked.advance();
    List<Waiting> ready = waiting;
    waiting = new ArrayList<>(ready.size());
    return ready;
  }

  private static String diverged(long step, NotFiniteException e) {
    return "Cannot go on training: in step "
        + step
        + " "
        + e.getMessage()
        + ", expected finite numbers: values or weights of rows are too large, or the learning rate"
        + " is; divide the features by their standard deviations (standardization=true) or scale"
        + " them before, lower the learning rate, and begin anew or resume from a checkpoint before"
        + " this step";
  }

  @GuardedBy("this")
  private void checkSound() throws Refused {
    if (diverged != null) {
      throw new Refused(Refusal.DIVERGED, diverged);
    }
  }

  private void answer(Waiting w, long reached) {
    if (w.known().isPresent()) {
      w.answer().complete(w.known().get());
      return;
    }
    float[] values = WantedRows.read(shard, w.rows(), w.shared());
    w.answer().complete(new ShardReply.Values(reached, values));
  }

  /** Refuses unless the shard is exactly at a step and nothing of the next one has come. */
  synchronized void checkCut(long wanted) throws Refused {
    checkSound();
    if (wanted != step) {
      throw refused(Refusal.WRONG_STEP, "the shard is at step %d, not %d", step, wanted);
    }
    if (round.waits()) {
      throw refused(Refusal.NOT_READY, "step %d is under way, it waits for norms", step + 1);
    }
    if (!waiting.isEmpty()) {
      throw refused(
          Refusal.NOT_READY, "step %d is under way, %d senders wait", step + 1, waiting.size());
    }
  }

  synchronized ShardReply.Status status(long since, long bytes) {
    return losses.status(
        since,
        segment,
        (long) shard.endRow() - shard.firstRow(),
        bytes,
        shard.copiedBytes(),
        waiting.size());
  }

  static Refused refused(Refusal reason, String format, Object... found) {
    return new Refused(reason, "Cannot step: " + String.format(Locale.ROOT, format, found));
  }
}
