package dev.cairn.spark.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.host.ShardHost;
import dev.cairn.spark.model.RowSet;
import dev.cairn.spark.shard.Initializer;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.shard.ShardAssignment;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The steps of tasks on two real shards: what several partitions of a task want as a whole comes
 * once, and that changes no bit, whichever task has which partitions.
 */
class TaskStepsTest {
  private static final int STEPS = 6;
  private static final int PARTITIONS = 4;
  private static final int DENSE_ROWS = 60_000;
  private static final int WIDTH = 3;

  /** The dense variable lies on both shards. */
  private static final ParameterLayout LAYOUT =
      new ParameterLayout(
          List.of(
              ParameterVariable.table("sparse", 50_000, 1),
              ParameterVariable.table("dense", DENSE_ROWS, WIDTH)
                  .startingWith(Initializer.normal(0.5, 7)),
              ParameterVariable.table("other", 100, 2),
              ParameterVariable.scalar("bias")));

  private static final ShardAssignment ASSIGNMENT = ShardAssignment.balanced(LAYOUT, 1, 2);

  private final List<ShardHost> hosts = new ArrayList<>();
  private long pushed;
  private long pulled;

  @AfterEach
  void close() {
    hosts.forEach(ShardHost::close);
  }

  /** The work of a partition: numbers that depend on all that it was given. */
  private record Work(int partition, boolean partly) implements PartitionWork {
    private int[] ids(long step) {
      return IntStream.range(0, 50_000 / 7)
          .map(i -> 7 * i + (int) (step + partition) % 7)
          .toArray();
    }

    /** The last partition has no rows in one step, and in others wants a part of a variable. */
    private boolean idle(long step) {
      return partition == PARTITIONS - 1 && step == 2;
    }

    @Override
    public void rows(long step, RowSet wanted) {
      if (idle(step)) {
        return;
      }
      int[] ids = ids(step);
      wanted.some(ids, 0, ids.length);
      if (partly && partition == 1 && step % 2 == 0) {
        wanted.some(new int[] {3, 4, DENSE_ROWS - 1}, 0, 3);
      } else {
        wanted.whole();
      }
      wanted.none();
      wanted.whole();
    }

    @Override
    public double gradient(long step, RowSet at, float[] values, float[] gradients) {
      for (int i = 0; i < at.elements(); i++) {
        gradients[i] = values[i] * (0.25f + partition) + (i + step) % 5 - 2;
      }
      return partition + 1;
    }

    @Override
    public int samples(long step) {
      return idle(step) ? 0 : 10;
    }
  }

  private OptimizerSpec optimizer =
      new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.1)));

  /** The number of times that norms were sent. */
  private int rounds;

  private ShardReply ask(int shard, ShardMessage message) {
    return hosts.get(shard).handle(message).join();
  }

  private ShardDirectory open(int partitions) {
    close();
    hosts.clear();
    List<ShardAddress> owners = new ArrayList<>();
    for (int s = 0; s < 2; s++) {
      hosts.add(ShardHost.create(1));
      owners.add(new ShardAddress("" + s, "host", s + 1));
      int first = ASSIGNMENT.firstBlock(s);
      int end = ASSIGNMENT.endBlock(s);
      for (ShardMessage message :
          List.of(
              new ShardMessage.AssignShard("m", 1, s, first, end, LAYOUT, optimizer, partitions),
              new ShardMessage.Initialise("m", 1),
              new ShardMessage.OpenSegment("m", 1, 1, 0))) {
        assertEquals(new ShardReply.Done(), ask(s, message));
      }
    }
    return new ShardDirectory("m", ASSIGNMENT, owners);
  }

  /**
   * Trains, and returns all numbers afterwards.
   *
   * @param tasks which partitions each has
   */
  private List<float[]> train(boolean partly, int[]... tasks) throws Exception {
    ShardDirectory directory = open(PARTITIONS);
    List<TaskSteps> all = new ArrayList<>();
    for (int[] partitions : tasks) {
      List<Work> works =
          Arrays.stream(partitions).mapToObj(partition -> new Work(partition, partly)).toList();
      all.add(new TaskSteps(directory, LAYOUT, 1, works, 0, STEPS));
    }
    List<List<ShardMessage.Exchange>> messages = all.stream().map(TaskSteps::begin).toList();
    exchange(all, messages);
    for (int step = 0; step < STEPS; step++) {
      List<List<ShardMessage.Exchange>> next = new ArrayList<>();
      for (TaskSteps steps : all) {
        next.add(steps.next());
      }
      exchange(all, next);
    }
    pushed = 0;
    pulled = 0;
    for (TaskSteps steps : all) {
      pushed += steps.takePushed();
      pulled += steps.takePulled();
    }
    List<float[]> numbers = new ArrayList<>();
    for (int s = 0; s < 2; s++) {
      int[] rows = IntStream.range(ASSIGNMENT.firstRow(s), ASSIGNMENT.endRow(s)).toArray();
      ShardReply reply = ask(s, new ShardMessage.Gather("m", 1, s, rows, 0, rows.length));
      numbers.add(assertInstanceOf(ShardReply.Values.class, reply).values());
    }
    return numbers;
  }

  private void exchange(
      List<TaskSteps> tasks, List<? extends List<? extends ShardMessage.OfStep>> messages)
      throws Exception {
    List<List<CompletableFuture<ShardReply>>> replies = new ArrayList<>();
    for (List<? extends ShardMessage.OfStep> of : messages) {
      List<CompletableFuture<ShardReply>> ofTask = new ArrayList<>();
      for (ShardMessage.OfStep message : of) {
        ofTask.add(hosts.get(message.shard()).handle(message));
      }
      replies.add(ofTask);
    }
    List<List<ShardMessage.Norms>> norms = new ArrayList<>();
    for (int t = 0; t < tasks.size(); t++) {
      for (int s = 0; s < 2; s++) {
        tasks.get(t).received(s, replies.get(t).get(s).join());
      }
      norms.add(tasks.get(t).norms());
    }
    if (!norms.get(0).isEmpty()) {
      rounds++;
      exchange(tasks, norms);
    }
  }

  private static void assertSame(List<float[]> expected, List<float[]> found) {
    for (int s = 0; s < expected.size(); s++) {
      assertArrayEquals(expected.get(s), found.get(s), 0);
    }
  }

  /** Numbers that one partition wants of its own in all steps, without the whole variables. */
  private static long own(int partition) {
    long sum = 0;
    for (long step = 0; step < STEPS; step++) {
      Work work = new Work(partition, false);
      sum += work.idle(step) ? 0 : work.ids(step).length;
    }
    return sum;
  }

  @Test
  void wholeVariablesComeOnceToATask() throws Exception {
    assertTrue(
        LAYOUT.firstRow(1) < ASSIGNMENT.firstRow(1) && ASSIGNMENT.firstRow(1) < LAYOUT.firstRow(2),
        "the dense variable lies on both shards");
    List<float[]> expected =
        train(false, new int[] {0}, new int[] {1}, new int[] {2}, new int[] {3});
    long allPushed = pushed;
    long whole = DENSE_ROWS * WIDTH + 1L;
    long own = IntStream.range(0, PARTITIONS).mapToLong(TaskStepsTest::own).sum();
    assertEquals(own + (PARTITIONS * STEPS - 1) * whole, pulled, "once for each partition");
    assertEquals(pulled, pushed, "each number that was pulled has a gradient");

    assertSame(expected, train(false, new int[] {0, 1, 2, 3}));
    assertEquals(own + STEPS * whole, pulled, "once for all");
    assertEquals(allPushed, pushed, "gradients go out by partition");

    assertSame(expected, train(false, new int[] {0, 2}, new int[] {1, 3}));
    assertEquals(own + 2 * STEPS * whole, pulled, "once for each task");
    assertEquals(allPushed, pushed);
  }

  /** Norms bring the same rows as gradients do where no norm is limited, shared ones as well. */
  @Test
  void normsTakeOneMoreRound() throws Exception {
    optimizer =
        new OptimizerSpec(
            "adagrad", new TreeMap<>(Map.of("learning_rate", 0.1, "global_clipnorm", 0.5)));
    List<float[]> expected =
        train(false, new int[] {0}, new int[] {1}, new int[] {2}, new int[] {3});
    assertEquals(STEPS, rounds);
    assertSame(expected, train(false, new int[] {0, 1, 2, 3}));
    assertSame(expected, train(false, new int[] {0, 2}, new int[] {1, 3}));
    optimizer = new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.1)));
    rounds = 0;
    List<float[]> free = train(false, new int[] {0, 1, 2, 3});
    assertEquals(0, rounds);
    assertFalse(Arrays.equals(expected.get(0), free.get(0)), "the limit was felt");
  }

  /** A variable of which a partition wants a part comes to each as it asks for it. */
  @Test
  void aPartOfAVariableIsNotShared() throws Exception {
    List<float[]> expected =
        train(true, new int[] {0}, new int[] {1}, new int[] {2}, new int[] {3});
    long apart = pulled;
    assertSame(expected, train(true, new int[] {0, 1, 2, 3}));
    // In odd steps all want the dense variable whole, in all steps the bias; none in one step.
    long spared = 3L * (STEPS / 2) * DENSE_ROWS * WIDTH + 3L * STEPS - 1;
    assertEquals(apart - spared, pulled);
  }
}
