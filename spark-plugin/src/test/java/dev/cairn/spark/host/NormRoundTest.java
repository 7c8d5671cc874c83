package dev.cairn.spark.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.transport.Contribution;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.SharedRows;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Steps of two rounds on one host, as an optimizer has them that limits a norm: gradients are
 * answered with squares, norms with rows, each counted once, in whatever order they come.
 */
class NormRoundTest {
  private static final int[] ROWS = {0, 1};
  private final ShardHost host = ShardHost.create(1);

  /** Two numbers, two partitions, a rate of 1, and a norm of at most 5. */
  @BeforeEach
  void open() {
    ParameterLayout layout = new ParameterLayout(List.of(ParameterVariable.table("w", 2, 1)));
    OptimizerSpec sgd =
        new OptimizerSpec("sgd", new TreeMap<>(Map.of("learning_rate", 1.0, "clipnorm", 5.0)));
    ask(new ShardMessage.AssignShard("m", 1, 0, 0, 1, layout, sgd, 2));
    assertEquals(new ShardReply.Done(), host.handle(new ShardMessage.Initialise("m", 1)).join());
    ask(new ShardMessage.OpenSegment("m", 1, 1, 0));
    ask(opening(0, 0));
    ask(opening(0, 1));
  }

  @AfterEach
  void close() {
    host.close();
  }

  private ShardReply ask(ShardMessage message) {
    CompletableFuture<ShardReply> reply = host.handle(message);
    assertTrue(reply.isDone(), message.toString());
    return reply.join();
  }

  private static ShardMessage opening(long step, int partition) {
    return new ShardMessage.Exchange(
        "m", 1, 0, 1, step, true, List.of(Contribution.opening(partition, ROWS, 0, 2)));
  }

  private static ShardMessage push(long step, int partition, float one, float other) {
    float[] gradients = {one, other};
    Contribution contribution =
        new Contribution(partition, gradients, 0, 2, ROWS, partition, 2, 1, 10);
    return new ShardMessage.Exchange("m", 1, 0, 1, step, false, List.of(contribution));
  }

  private static ShardMessage norms(long step, double squares, int... partitions) {
    return new ShardMessage.Norms(
        "m", 1, 0, 1, step, partitions, new double[] {squares}, SharedRows.NONE);
  }

  private static void assertSquares(double expected, ShardReply reply) {
    double[] found = assertInstanceOf(ShardReply.Squares.class, reply).squares();
    assertArrayEquals(new double[] {expected}, found);
  }

  private static void assertRows(ShardReply reply, float... expected) {
    assertArrayEquals(expected, assertInstanceOf(ShardReply.Values.class, reply).values());
  }

  private void refused(Refusal reason, ShardMessage message) {
    ShardReply.Refused refused = assertInstanceOf(ShardReply.Refused.class, ask(message));
    assertEquals(reason, refused.reason(), refused.message());
  }

  private ShardReply.Status status() {
    return (ShardReply.Status) ask(new ShardMessage.AskStatus("m", 1, 0, 0));
  }

  /** (6, 8) has a norm of 10: half of it is applied, once, however many bring the norms. */
  @Test
  void squaresFirstThenRows() {
    CompletableFuture<ShardReply> first = host.handle(push(1, 0, 6, 0));
    assertFalse(first.isDone());
    assertSquares(100, ask(push(1, 1, 0, 8)));
    assertSquares(100, first.join());
    assertEquals(0, status().step());
    assertRows(ask(norms(1, 100, 1)), -4);
    assertEquals(1, status().step());
    assertArrayEquals(new double[] {2}, status().lossSums());
    assertRows(ask(norms(1, 100, 0)), -3, -4);
    assertRows(ask(norms(1, 100, 0, 1)), -3, -4, -4);
    assertEquals(1, status().step());
  }

  /** The norm is that of all shards, not of this one. */
  @Test
  void othersCountAsWell() {
    var unused = host.handle(push(1, 0, 3, 0));
    assertSquares(25, ask(push(1, 1, 0, 4)));
    assertRows(ask(norms(1, 25 + 75, 0)), -1.5f, -2);
  }

  /** A second attempt of a task, before and after the norms of the first one, and a step later. */
  @Test
  void secondAttemptsAreAnsweredAndNotCounted() {
    var unused = host.handle(push(1, 0, 6, 0));
    ask(push(1, 1, 0, 8));
    assertRows(ask(opening(0, 0)), 0, 0);
    assertSquares(100, ask(push(1, 0, 6, 0)));
    assertRows(ask(norms(1, 100, 0)), -3, -4);
    assertSquares(100, ask(push(1, 0, 6, 0)));
    assertRows(ask(norms(1, 100, 0)), -3, -4);
    CompletableFuture<ShardReply> next =
        host.handle(
            new ShardMessage.Exchange(
                "m",
                1,
                0,
                1,
                2,
                false,
                List.of(new Contribution(1, new float[] {2}, 0, 1, ROWS, 1, 2, 1, 10))));
    assertFalse(next.isDone());
    assertSquares(4, ask(push(2, 0, 0, 0)));
    assertSquares(4, next.join());
    assertSquares(100, ask(push(1, 0, 6, 0)));
    assertRows(ask(norms(1, 100, 0)), -3, -4);
    assertEquals(1, status().step());
    assertRows(ask(norms(2, 4, 0, 1)), -3, -6, -6);
    refused(Refusal.WRONG_STEP, norms(1, 100, 0));
    refused(Refusal.WRONG_STEP, push(1, 0, 6, 0));
    assertEquals(2, status().step());
  }

  @Test
  void normsOutOfPlaceChangeNothing() {
    refused(Refusal.WRONG_STEP, norms(1, 100, 0));
    refused(Refusal.WRONG_STEP, norms(0, 100, 0));
    refused(Refusal.WRONG_STEP, push(0, 0, 1, 1));
    var unused = host.handle(push(1, 0, 6, 0));
    refused(Refusal.WRONG_STEP, norms(1, 100, 0));
    ask(push(1, 1, 0, 8));
    refused(Refusal.WRONG_STEP, norms(2, 100, 0));
    refused(Refusal.MALFORMED, norms(1, 100, 2));
    refused(Refusal.MALFORMED, norms(1, 100, -1));
    refused(
        Refusal.MALFORMED,
        new ShardMessage.Norms(
            "m", 1, 0, 1, 1, new int[] {0}, new double[] {100, 0}, SharedRows.NONE));
    refused(
        Refusal.WRONG_SEGMENT,
        new ShardMessage.Norms(
            "m", 1, 0, 2, 1, new int[] {0}, new double[] {100}, SharedRows.NONE));
    refused(
        Refusal.WRONG_GENERATION,
        new ShardMessage.Norms(
            "m", 0, 0, 1, 1, new int[] {0}, new double[] {100}, SharedRows.NONE));
    assertEquals(0, status().step());
    assertRows(ask(norms(1, 100, 0)), -3, -4);
    refused(Refusal.MALFORMED, norms(1, 99, 1));
    assertEquals(1, status().step());
  }

  /** Rows that two partitions of a sender want come once, before all others. */
  @Test
  void sharedRowsComeOnce() {
    var unused = host.handle(push(1, 0, 6, 0));
    ask(push(1, 1, 0, 8));
    double[] squares = {100};
    int[] both = {0, 1};
    SharedRows second = new SharedRows(new int[] {1, 2});
    assertRows(ask(new ShardMessage.Norms("m", 1, 0, 1, 1, both, squares, second)), -4, -3);
    refused(
        Refusal.MALFORMED,
        new ShardMessage.Norms("m", 1, 0, 1, 1, both, squares, new SharedRows(new int[] {1, 3})));
  }

  /** Between the rounds a step is under way: no cut, and a new segment forgets it. */
  @Test
  void aStepBetweenTheRoundsIsGivenUpWhole() {
    var unused = host.handle(push(1, 0, 6, 0));
    ask(push(1, 1, 0, 8));
    refused(Refusal.NOT_READY, new ShardMessage.Freeze("m", 1, 0, 1, false));
    ask(new ShardMessage.AbandonSegment("m", 1, 1, "executor 7 is lost"));
    refused(Refusal.ABANDONED, norms(1, 100, 0));
    assertEquals(new ShardReply.Done(), ask(new ShardMessage.OpenSegment("m", 1, 2, 0)));
    refused(Refusal.WRONG_SEGMENT, norms(1, 100, 0));
    refused(
        Refusal.WRONG_STEP,
        new ShardMessage.Norms(
            "m", 1, 0, 2, 1, new int[] {0}, new double[] {100}, SharedRows.NONE));
    assertInstanceOf(ShardReply.Frozen.class, ask(new ShardMessage.Freeze("m", 1, 0, 1, false)));
  }

  /** A number that is not finite ends the run by name for whoever brings the norms. */
  @Test
  void numbersThatAreNotFiniteEndTheRun() {
    var unused = host.handle(push(1, 0, Float.POSITIVE_INFINITY, 0));
    assertSquares(Double.POSITIVE_INFINITY, ask(push(1, 1, 0, 8)));
    ShardMessage norms = norms(1, Double.POSITIVE_INFINITY, 0);
    ShardReply.Refused refused = assertInstanceOf(ShardReply.Refused.class, ask(norms));
    assertEquals(Refusal.DIVERGED, refused.reason());
    assertTrue(refused.message().contains("in step 1 row 0 of w"), refused.message());
  }
}
