package dev.cairn.spark.trainer;

import dev.cairn.spark.model.RowSet;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.transport.Contribution;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.SharedRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one task, without the waiting: makes the messages to the shards and takes in the
 * answers. For each step the gradients of the task's partitions go out, and the rows that their
 * next batches need come back. A variable that several of the partitions need as a whole, such as a
 * dense layer, comes back once for all of them; its gradients go out by partition, as all do.
 *
 * <p>Call {@link #begin}, then, until {@link #step} is the last one wanted, {@link #received} for
 * each shard's answer and {@link #next}. Where the optimizer limits a norm, the gradients are
 * answered with sums of squares first: then, and only then, {@link #norms} has more messages, whose
 * answers bring the rows. It holds the rows of the batches at hand and nothing else of the model.
 * Single-threaded.
 */
public final class TaskSteps {
  private final ShardDirectory directory;
  private final ParameterLayout layout;
  private final long segment;
  private final long to;
  private final List<? extends PartitionWork> works;
  private final Place[] places;
  private final double[] losses;
  private final int variables;

  /** Whether each variable comes once for all partitions, for the batches to come. */
  private final boolean[] shared;

  /** The sum of squares of each block, from its shard's answer; null if no shard has answered. */
  private double @Nullable [] squares;

  private int squaresOfShards;
  private long step;
  private long pushed;
  private long pulled;

  /**
   * Makes the steps of a segment.
   *
   * @param segment its number, by which shards tell its messages from older ones
   * @param works the work of the task's partitions, ascending by partition
   * @param from the number of steps applied before
   * @param to the number of steps applied afterwards
   */
  public TaskSteps(
      ShardDirectory directory,
      ParameterLayout layout,
      long segment,
      List<? extends PartitionWork> works,
      long from,
      long to) {
    this.directory = directory;
    this.layout = layout;
    this.segment = segment;
    this.works = List.copyOf(works);
    this.step = from;
    this.to = to;
    this.losses = new double[works.size()];
    this.variables = layout.variables().size();
    this.shared = new boolean[variables];
    this.places = new Place[works.size()];
    for (int p = 0; p < places.length; p++) {
      places[p] = new Place(layout, directory.shards());
    }
  }

  /** The number of steps that have been applied, once every answer to the last messages is here. */
  public long step() {
    return step;
  }

  /** The losses of the batches of the last step, by place among the works. */
  double[] losses() {
    return losses;
  }

  /** The first messages, one a shard: they ask for the rows of the first batches. */
  public List<ShardMessage.Exchange> begin() {
    for (int p = 0; p < places.length; p++) {
      places[p].locate(works.get(p), step, directory);
    }
    share();
    return messages(true);
  }

  /**
   * The messages of the next step, one a shard; the answers to the last ones must be here.
   *
   * @throws DivergedException when the loss of a batch is not finite
   */
  public List<ShardMessage.Exchange> next() throws DivergedException {
    for (int p = 0; p < places.length; p++) {
      places[p].swap();
      losses[p] = places[p].gradient(works.get(p), step);
      if (!Double.isFinite(losses[p])) {
        throw diverged(works.get(p).partition(), losses[p]);
      }
    }
    step++;
    for (int p = 0; p < places.length; p++) {
      if (step < to) {
        places[p].locate(works.get(p), step, directory);
      } else {
        places[p].locateNothing();
      }
    }
    share();
    return messages(false);
  }

  /** Finds the shared variables: those that several places need whole, and no other one in part. */
  private void share() {
    for (int v = 0; v < variables; v++) {
      int wholes = 0;
      boolean others = false;
      for (Place place : places) {
        boolean wanted = place.coming.rows.place(v + 1) > place.coming.rows.place(v);
        wholes += wanted && place.coming.rows.isWhole(v) ? 1 : 0;
        others |= wanted && !place.coming.rows.isWhole(v);
      }
      shared[v] = wholes > 1 && !others;
    }
  }

  /** The rows of a shard that are shared. */
  private SharedRows shared(int shard) {
    int[] bounds = new int[2 * variables];
    int count = 0;
    for (int v = 0; v < variables; v++) {
      Located one = shared[v] ? holder(v) : null;
      if (one != null && one.placeTo(v, shard) > one.placeFrom(v, shard)) {
        bounds[count++] = one.rows.rows()[one.placeFrom(v, shard)];
        bounds[count++] = one.rows.rows()[one.placeTo(v, shard) - 1] + 1;
      }
    }
    return count == 0 ? SharedRows.NONE : new SharedRows(Arrays.copyOf(bounds, count));
  }

  /** The first place that needs a shared variable. */
  private @Nullable Located holder(int variable) {
    for (Place place : places) {
      if (place.coming.rows.isWhole(variable)) {
        return place.coming;
      }
    }
    return null;
  }

  private DivergedException diverged(int partition, double loss) {
    return new DivergedException(
        "Cannot go on training: the loss of step "
            + step
            + ", partition "
            + partition
            + " is not a finite number ("
            + loss
            + "): the parameters have diverged; lower optimizer.learning-rate or raise"
            + " regularisation, and resume from a checkpoint before this step");
  }

  private List<ShardMessage.Exchange> messages(boolean opening) {
    List<ShardMessage.Exchange> messages = new ArrayList<>(directory.shards());
    for (int shard = 0; shard < directory.shards(); shard++) {
      List<Contribution> contributions = new ArrayList<>(places.length);
      for (int p = 0; p < places.length; p++) {
        Contribution brought =
            places[p].contribution(works.get(p).partition(), shard, opening ? 0 : losses[p]);
        contributions.add(brought);
        pushed += brought.gradientCount();
      }
      messages.add(
          new ShardMessage.Exchange(
              directory.model(),
              directory.generation(),
              shard,
              segment,
              step,
              opening,
              contributions,
              shared(shard)));
    }
    return messages;
  }

  /**
   * The messages that make the shards apply a step, one a shard, when these have answered with
   * squares; none when they have answered with rows.
   *
   * @throws IOException if some have answered with the one and some with the other
   */
  public List<ShardMessage.Norms> norms() throws IOException {
    if (squares == null) {
      return List.of();
    }
    if (squaresOfShards != directory.shards()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "Cannot take in the answers of step %d: expected squares of %d shards, found %d",
              step,
              directory.shards(),
              squaresOfShards));
    }
    double[] sums = layout.sumsOfVariables(squares);
    squares = null;
    squaresOfShards = 0;
    int[] partitions = works.stream().mapToInt(PartitionWork::partition).toArray();
    return IntStream.range(0, directory.shards())
        .mapToObj(shard -> norms(shard, partitions, sums))
        .toList();
  }

  private ShardMessage.Norms norms(int shard, int[] partitions, double[] sums) {
    return new ShardMessage.Norms(
        directory.model(),
        directory.generation(),
        shard,
        segment,
        step,
        partitions,
        sums,
        shared(shard));
  }

  /**
   * Takes in a shard's answer.
   *
   * @throws IOException if these are not as many numbers as were asked for
   */
  public void received(int shard, ShardReply answer) throws IOException {
    if (answer instanceof ShardReply.Values rows) {
      received(shard, rows.values());
    } else if (answer instanceof ShardReply.Squares sums) {
      received(shard, sums.squares());
    } else {
      throw new IOException(
          "Cannot take in the answer of shard "
              + shard
              + " in step "
              + step
              + ": expected rows or squares, found "
              + answer.getClass().getSimpleName());
    }
  }

  private void received(int shard, double[] ofBlocks) throws IOException {
    int first = directory.assignment().firstBlock(shard);
    int expected = directory.assignment().endBlock(shard) - first;
    if (ofBlocks.length != expected) {
      throw unexpected(expected, "squares", shard, ofBlocks.length);
    }
    if (squares == null) {
      squares = new double[layout.blocks()];
    }
    System.arraycopy(ofBlocks, 0, squares, first, expected);
    squaresOfShards++;
  }

  private void received(int shard, float[] values) throws IOException {
    pulled += values.length;
    int at = acceptShared(shard, values);
    for (Place place : places) {
      at = place.acceptOwn(shard, values, at, shared);
    }
    if (at != values.length) {
      throw unexpected(at, "values", shard, values.length);
    }
  }

  /** Gives every place that needs a shared variable its numbers, which come first. */
  private int acceptShared(int shard, float[] values) {
    int at = 0;
    for (int v = 0; v < variables; v++) {
      if (shared[v]) {
        int end = at;
        for (Place place : places) {
          if (place.coming.rows.isWhole(v)) {
            end = place.accept(shard, v, values, at);
          }
        }
        at = end;
      }
    }
    return at;
  }

  private IOException unexpected(int expected, String what, int shard, int found) {
    return new IOException(
        String.format(
            Locale.ROOT,
            "Cannot take in the answers of step %d: expected %d %s from shard %d, found %d",
            step,
            expected,
            what,
            shard,
            found));
  }

  /** The number of gradients that were sent since the last call. */
  long takePushed() {
    long count = pushed;
    pushed = 0;
    return count;
  }

  /** The number of values that have come since the last call. */
  long takePulled() {
    long count = pulled;
    pulled = 0;
    return count;
  }

  /** The rows of one batch, cut by their owners, and their numbers. */
  private static final class Located {
    final RowSet rows;
    final int[] places;
    final int[] elements;
    float[] values = new float[0];
    int samples;

    Located(ParameterLayout layout, int shards) {
      rows = new RowSet(layout);
      places = new int[shards + 1];
      elements = new int[shards + 1];
    }

    /** The place where a variable's rows of a shard begin. */
    int placeFrom(int variable, int shard) {
      return Math.max(rows.place(variable), places[shard]);
    }

    int placeTo(int variable, int shard) {
      return Math.min(rows.place(variable + 1), places[shard + 1]);
    }
  }

  /**
   * One partition's place: the batch at hand, and the batch to come. The two take turns, since a
   * shard keeps the ids that it was sent until the exchange after that.
   */
  private static final class Place {
    private Located current;
    private Located coming;
    private float[] gradients = new float[0];

    Place(ParameterLayout layout, int shards) {
      current = new Located(layout, shards);
      coming = new Located(layout, shards);
    }

    void locate(PartitionWork work, long step, ShardDirectory directory) {
      coming.rows.clear();
      work.rows(step, coming.rows);
      coming.samples = work.samples(step);
      coming.rows.cut(directory.assignment(), coming.places, coming.elements);
      coming.values = coming.rows.room(coming.values);
    }

    void locateNothing() {
      coming.rows.clear();
      Arrays.fill(coming.places, 0);
      Arrays.fill(coming.elements, 0);
    }

    Contribution contribution(int partition, int shard, double lossSum) {
      return new Contribution(
          partition,
          gradients,
          current.elements[shard],
          current.elements[shard + 1],
          coming.rows.rows(),
          coming.places[shard],
          coming.places[shard + 1],
          lossSum,
          current.samples);
    }

    /** Takes in a shard's numbers of the variables that are not shared. */
    int acceptOwn(int shard, float[] from, int start, boolean[] shared) {
      int at = start;
      for (int v = 0; v < shared.length; v++) {
        at = shared[v] ? at : accept(shard, v, from, at);
      }
      return at;
    }

    /** Takes in a shard's numbers of one variable. */
    int accept(int shard, int variable, float[] from, int at) {
      int first = Math.max(coming.rows.start(variable), coming.elements[shard]);
      int end = Math.min(coming.rows.start(variable + 1), coming.elements[shard + 1]);
      int length = Math.max(0, end - first);
      if (at + length <= from.length) {
        System.arraycopy(from, at, coming.values, first, length);
      }
      return at + length;
    }

    /** Makes the batch to come the one at hand. Every answer is in, so the gradients are free. */
    void swap() {
      Located free = current;
      current = coming;
      coming = free;
      gradients = current.rows.room(gradients);
    }

    double gradient(PartitionWork work, long step) {
      return work.gradient(step, current.rows, current.values, gradients);
    }
  }
}
