package dev.cairn.spark.reading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.spark.coordinator.Clock;
import dev.cairn.spark.coordinator.CoordinationException;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Membership;
import dev.cairn.spark.coordinator.Registration;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardCalls;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.TransportException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests how models are loaded, shared, freed and loaded anew, with executors that answer by script.
 */
class ReadModelsTest {
  private static final Duration IDLE = Duration.ofMinutes(10);
  private static final ParameterLayout LAYOUT =
      new ParameterLayout(
          List.of(
              ParameterVariable.table("weights", 200_000, 1), ParameterVariable.scalar("bias")));

  private final ManualClock clock = new ManualClock();
  private final Executors executors = new Executors();
  private final Map<String, String> storage = new HashMap<>(Map.of("a", "1", "b", "1", "c", "1"));
  private final Membership membership = new Membership(clock);
  private final Coordinator coordinator =
      new Coordinator(
          membership,
          executors,
          clock,
          new Coordinator.Settings(
              Duration.ofSeconds(60),
              Duration.ofMinutes(30),
              Duration.ofMillis(250),
              Duration.ofMillis(2500)));
  private final ReadModels models = models(2, 50);

  private ReadModels models(int most, int memoryPercent) {
    return new ReadModels(
        coordinator,
        new ReadModels.Settings(
            most, memoryPercent, IDLE, 3, Duration.ofSeconds(20), new TreeMap<>()),
        checkpoint -> {
          String commit = storage.get(checkpoint);
          if (commit == null) {
            throw new CheckpointException.NotFound("no such folder");
          }
          return new ReadableModel.Commit(commit, 40);
        });
  }

  private static ReadableModel model(String path) {
    return new ReadableModel(path, "1", LAYOUT);
  }

  private static ShardAddress address(String id) {
    return new ShardAddress(id, "host", 1 + Integer.parseInt(id));
  }

  private void join(String... ids) {
    for (String id : ids) {
      membership.register(new Registration(address(id), 64 << 20));
      membership.added(id, 1);
    }
  }

  private ShardsAnswer ask(String path, long failed, long loading) {
    // As it travels: packed into classes that Spark's own class loader knows.
    Object[] packed = models.answer(new ShardsWanted(model(path), failed, loading)).packed();
    for (Object part : packed) {
      assertTrue(
          part.getClass().getName().matches("java[.].*|\\[I|\\[Ljava[.].*"), part.toString());
    }
    return ShardsAnswer.unpacked(packed);
  }

  /** Asks as a task does: until there is an answer. */
  private ShardsAnswer answer(String path, long failed) {
    ShardsAnswer answer = ask(path, failed, 0);
    while (answer instanceof ShardsAnswer.NotYet notYet) {
      clock.runBackground();
      answer = ask(path, failed, notYet.loading());
    }
    return answer;
  }

  private ShardDirectory here(String path, long failed) {
    return assertInstanceOf(ShardsAnswer.Here.class, answer(path, failed)).directory();
  }

  @AfterEach
  void end() {
    models.close();
    coordinator.close();
  }

  @Test
  void aModelIsLoadedOnceForAllWhoAsk() {
    join("0", "1");
    assertInstanceOf(ShardsAnswer.NotYet.class, ask("a", 0, 0));
    assertInstanceOf(ShardsAnswer.NotYet.class, ask("a", 0, 0));
    ShardDirectory first = here("a", 0);
    assertEquals(List.of(address("0"), address("1")), first.owners());
    for (int i = 0; i < 150; i++) {
      assertEquals(first, here("a", 0));
    }
    assertEquals(2, executors.count(ShardMessage.RestoreShard.class), "one a shard");
    assertEquals(1, models.loaded());
  }

  @Test
  void aBrokenConnectionChangesNothingAndALostOwnerEverything() {
    join("0", "1");
    ShardDirectory first = here("a", 0);
    assertEquals(first, here("a", first.generation()));
    assertEquals(2, executors.count(ShardMessage.RestoreShard.class), "they were only looked at");

    executors.gone.add(address("1"));
    coordinator.executorRemoved("1", "killed");
    ShardDirectory second = here("a", first.generation());
    assertTrue(second.generation() > first.generation());
    assertEquals(List.of(address("0")), second.owners());
    assertEquals(second, here("a", first.generation()), "who comes late is told the same");

    join("2");
    executors.forgetful.add(address("0"));
    ShardDirectory third = here("a", second.generation());
    assertEquals(List.of(address("0"), address("2")), third.owners(), "0 had dropped all it had");
  }

  @Test
  void loadingIsDoneAgainWhenAnExecutorIsLostMeanwhile() {
    join("0", "1");
    executors.goneAtRestore.add(address("1"));
    assertEquals(List.of(address("0")), here("a", 0).owners());
  }

  @Test
  void theLongestUnusedGoesAndNoneThatIsInUse() {
    join("0", "1");
    ShardDirectory a = here("a", 0);
    ShardDirectory b = here("b", 0);
    clock.advance(Duration.ofMillis(1));
    here("c", 0);
    assertEquals(3, models.loaded(), "all are in use: more than the setting says");
    clock.advance(Duration.ofSeconds(4));
    assertEquals(b, here("b", 0));
    clock.advance(ReadModels.IN_USE.plusSeconds(1));
    assertEquals(2, models.loaded());
    assertEquals(b, here("b", 0));
    assertEquals(2, executors.count(ShardMessage.ReleaseShard.class), "those of a");
    assertTrue(here("a", 0).generation() > a.generation(), "loaded again when it is wanted");

    clock.advance(IDLE.plus(ReadModels.IN_USE).plusSeconds(1));
    assertEquals(0, models.loaded(), "nobody has read them for long");
  }

  @Test
  void modelsTakeNoMoreMemoryThanTheyMay() throws Exception {
    // 64 MiB each: 1 percent of both is room for one model of 0.8 MB.
    ReadModels narrow = models(100, 1);
    join("0", "1");
    narrow.use(model("a"), (group, step) -> step);
    clock.advance(ReadModels.IN_USE.plusSeconds(1));
    narrow.use(model("b"), (group, step) -> step);
    assertEquals(1, narrow.loaded());
    narrow.use(
        model("b"),
        (group, step) -> {
          clock.advance(IDLE.multipliedBy(2));
          assertEquals(1, narrow.loaded(), "it is being copied");
          return step;
        });
    narrow.letGo(model("b"));
    assertEquals(0, narrow.loaded());
    narrow.close();
  }

  @Test
  void whatIsDoneWithAModelIsDoneAgainWhenAnExecutorIsLost() throws Exception {
    join("0", "1");
    List<List<ShardAddress>> tried = new ArrayList<>();
    long step =
        models.use(
            model("a"),
            (group, itsStep) -> {
              tried.add(group.owners());
              if (tried.size() == 1) {
                executors.gone.add(address("0"));
                coordinator.executorRemoved("0", "killed");
                throw new java.io.IOException("the save has failed");
              }
              return itsStep;
            });
    assertEquals(40, step);
    assertEquals(List.of(List.of(address("0"), address("1")), List.of(address("1"))), tried);
    assertThrows(
        java.io.IOException.class,
        () ->
            models.use(
                model("a"),
                (group, itsStep) -> {
                  throw new java.io.IOException("the disk is full");
                }));
  }

  @Test
  void saysThatTheCheckpointIsGoneOrAnotherOne() {
    join("0");
    storage.remove("a");
    String gone = assertInstanceOf(ShardsAnswer.Failed.class, answer("a", 0)).why();
    assertTrue(gone.startsWith("Cannot read the model: its checkpoint is gone"), gone);
    assertTrue(gone.contains("(path=a)"), gone);
    storage.put("a", "2");
    String replaced = assertInstanceOf(ShardsAnswer.Failed.class, answer("a", 0)).why();
    assertTrue(replaced.contains("was replaced, expected commit 1, found 2"), replaced);
    assertThrows(
        CheckpointException.NotFound.class, () -> models.use(model("a"), (group, step) -> step));
    storage.put("a", "1");
    assertEquals(List.of(address("0")), here("a", 0).owners());
  }

  @Test
  void withoutExecutorsItSaysSoAndThatItScores() {
    String why = assertInstanceOf(ShardsAnswer.Failed.class, answer("a", 0)).why();
    assertTrue(why.startsWith("Cannot score: executors are missing"), why);
    assertThrows(CoordinationException.class, () -> models.use(model("a"), (group, step) -> step));
  }

  /** Executors that do what they are told, unless they are gone. */
  private static final class Executors implements ShardCalls {
    final List<ShardMessage> asked = new ArrayList<>();
    final Set<ShardAddress> gone = new HashSet<>();
    final Set<ShardAddress> goneAtRestore = new HashSet<>();

    /** Refuse once to say how they are: what they had is lost. */
    final Set<ShardAddress> forgetful = new HashSet<>();

    long count(Class<?> type) {
      return asked.stream().filter(type::isInstance).count();
    }

    @Override
    public CompletableFuture<ShardReply> call(ShardAddress address, ShardMessage message) {
      if (message instanceof ShardMessage.RestoreShard && goneAtRestore.remove(address)) {
        gone.add(address);
      }
      boolean lost =
          gone.contains(address)
              || (message instanceof ShardMessage.AskStatus && forgetful.remove(address));
      if (lost) {
        return CompletableFuture.failedFuture(
            new TransportException.PeerGone("nobody answers at " + address, null));
      }
      asked.add(message);
      if (message instanceof ShardMessage.RestoreShard) {
        return CompletableFuture.completedFuture(new ShardReply.Restored(1, 0));
      } else if (message instanceof ShardMessage.AskStatus) {
        return CompletableFuture.completedFuture(
            new ShardReply.Status(40, 0, 1, 1, 0, 0, 0, new double[0], new long[0]));
      }
      return CompletableFuture.completedFuture(new ShardReply.Done());
    }

    @Override
    public void forget(ShardAddress address, String why) {}
  }

  /** Time that goes by when it is told to; background work is done by whoever waits. */
  private static final class ManualClock implements Clock {
    private record Later(long at, long number, Runnable task) {}

    private final ArrayDeque<Runnable> background = new ArrayDeque<>();
    private final PriorityQueue<Later> later =
        new PriorityQueue<>(
            java.util.Comparator.comparingLong(Later::at).thenComparingLong(Later::number));
    private long now = 1;
    private long numbers;

    @Override
    public long nanoTime() {
      return now;
    }

    void runBackground() {
      while (!background.isEmpty()) {
        background.remove().run();
      }
    }

    void advance(Duration time) {
      long end = now + time.toNanos();
      while (!later.isEmpty() && later.peek().at() <= end) {
        Later next = later.remove();
        now = next.at();
        next.task().run();
        runBackground();
      }
      now = end;
    }

    @Override
    public void await(CompletableFuture<?> future, Duration timeout) {
      long end =
          timeout.compareTo(Duration.ofDays(1)) > 0 ? Long.MAX_VALUE : now + timeout.toNanos();
      runBackground();
      while (!future.isDone() && now < end && !later.isEmpty()) {
        Later next = later.peek();
        if (next.at() > end) {
          break;
        }
        later.remove();
        now = Math.max(now, next.at());
        next.task().run();
        runBackground();
      }
      if (!future.isDone() && end != Long.MAX_VALUE) {
        now = Math.max(now, end);
      }
    }

    @Override
    public Runnable schedule(Duration delay, Runnable task) {
      Later added = new Later(now + delay.toNanos(), numbers++, task);
      later.add(added);
      return () -> later.remove(added);
    }

    @Override
    public void execute(Runnable task) {
      background.add(task);
    }
  }
}
