package dev.cairn.spark.reading;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.shard.ShardAssignment;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardAccess;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardCalls;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Reading weights through pages, from owners that move, refuse, hang and come back. */
class ModelReaderTest {
  private static final int FEATURES = 1_000_000;
  private static final ParameterLayout LAYOUT =
      new ParameterLayout(
          List.of(
              ParameterVariable.table("weights", FEATURES, 1), ParameterVariable.scalar("bias")));
  private static final ReadableModel MODEL = new ReadableModel("model/ckpt-1", "a", LAYOUT);
  private static final long CACHE = 64 * 1024;

  private final List<ShardMessage.Gather> gathers = new CopyOnWriteArrayList<>();
  private final List<ShardsWanted> questions = new CopyOnWriteArrayList<>();

  /** A table, a variable without rows, a second table, and one number. */
  private static ParameterLayout layout(int width) {
    return new ParameterLayout(
        List.of(
            ParameterVariable.table("weights", 60_000, 1),
            ParameterVariable.table("none", 0, 7),
            ParameterVariable.table("factors", 60_001, width),
            ParameterVariable.scalar("bias")));
  }

  private static float weight(int row) {
    return number(row, 0);
  }

  private static float number(int row, int element) {
    return (row % 1013 - 500) / 97f + element;
  }

  private static ShardDirectory directory(long generation) {
    return directory(LAYOUT, generation);
  }

  private static ShardDirectory directory(ParameterLayout layout, long generation) {
    return new ShardDirectory(
        "read-1",
        ShardAssignment.balanced(layout, generation, 2),
        List.of(new ShardAddress("0", "host", 1), new ShardAddress("1", "host", 2)));
  }

  /** Shards of this generation answer; others refuse, those of generation 99 hang. */
  private ShardCalls shards(ParameterLayout layout, long living) {
    return new ShardCalls() {
      @Override
      public CompletableFuture<ShardReply> call(ShardAddress address, ShardMessage message) {
        ShardMessage.Gather gather = (ShardMessage.Gather) message;
        gathers.add(gather);
        if (gather.generation() == 99) {
          return new CompletableFuture<>();
        } else if (gather.generation() != living) {
          return CompletableFuture.failedFuture(
              new TransportException.Refused(Refusal.WRONG_GENERATION, "it is over"));
        }
        float[] values =
            expected(layout, Arrays.copyOfRange(gather.rows(), gather.from(), gather.to()));
        return CompletableFuture.completedFuture(new ShardReply.Values(0, values));
      }

      @Override
      public void forget(ShardAddress address, String why) {}
    };
  }

  private ModelReading reading(long living, ModelReading.Questions answers) {
    return reading(LAYOUT, living, answers);
  }

  private ModelReading reading(
      ParameterLayout layout, long living, ModelReading.Questions answers) {
    return new ModelReading(
        new ShardAccess(shards(layout, living)),
        question -> {
          questions.add(question);
          return answers.ask(question);
        },
        new ModelReading.Settings(CACHE, 3, Duration.ofSeconds(30)));
  }

  private static float[] expected(ParameterLayout layout, int[] rows) {
    float[] all = new float[Math.toIntExact(layout.elements(rows, 0, rows.length))];
    int at = 0;
    for (int row : rows) {
      int width = layout.variables().get(layout.variableOfRow(row)).width();
      for (int e = 0; e < width; e++) {
        all[at++] = number(row, e);
      }
    }
    return all;
  }

  private static float[] read(ModelReader reader, ParameterLayout layout, int... rows) {
    float[] into = new float[expected(layout, rows).length + 1];
    into[into.length - 1] = 77;
    int[] roomier = Arrays.copyOf(rows, rows.length + 3);
    reader.read(roomier, rows.length, into);
    assertEquals(77, into[into.length - 1], "nothing is written after the rows' numbers");
    return Arrays.copyOf(into, into.length - 1);
  }

  private static float weight(ModelReader reader, int row) {
    return read(reader, LAYOUT, row)[0];
  }

  @Test
  void readsRowsOfAnyWidthWithFewPagesInMemory() {
    for (int width : new int[] {1, 2, 3, 16, 1000, 1024, 5000}) {
      ParameterLayout layout = layout(width);
      ReadableModel model = new ReadableModel("model/of-" + width, "a", layout);
      ModelReading reading = reading(layout, 1, q -> new ShardsAnswer.Here(directory(layout, 1)));
      ModelReader reader = reading.reader(model);
      assertSame(reader, reading.reader(model));
      questions.clear();
      long start = System.nanoTime();
      Random random = new Random(3);
      for (int entries : new int[] {0, 1, 7, 40, 2_000, 40, 40}) {
        int[] rows = random.ints(entries, 0, layout.totalRows()).distinct().sorted().toArray();
        for (int again = 0; again < 2; again++) {
          assertArrayEquals(expected(layout, rows), read(reader, layout, rows), "width " + width);
        }
        long most = Math.max(CACHE, PageTable.bytes(new float[Math.max(1024, width)]));
        assertTrue(reading.pageBytes() <= most, width + ": " + reading.pageBytes());
      }
      long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
      assertTrue(
          !questions.isEmpty() && questions.size() <= 1 + seconds,
          "asks once a second, however much it reads: " + questions.size());
    }
  }

  @Test
  void readsAPageOnceAndTheMissingOnesOfARowTogether() {
    ModelReader reader = reading(1, q -> new ShardsAnswer.Here(directory(1))).reader(MODEL);
    int[] rows = {1, 2, 5_000, 999_999, FEATURES};
    assertArrayEquals(expected(LAYOUT, rows), read(reader, LAYOUT, rows));
    assertEquals(2, gathers.size(), "one message a shard");
    read(reader, LAYOUT, 1023, 5_001, FEATURES);
    read(reader, LAYOUT);
    assertEquals(2, gathers.size(), "these are here, or nothing is looked at");
  }

  /** A row that needs many pages is read in pieces: what is fetched at once is bounded. */
  @Test
  void fetchesFewPagesAtOnce() {
    for (int width : new int[] {1, 4096}) {
      ParameterLayout layout = layout(width);
      ModelReader reader =
          reading(layout, 1, q -> new ShardsAnswer.Here(directory(layout, 1)))
              .reader(new ReadableModel("model/of-" + width, "a", layout));
      gathers.clear();
      int[] rows = IntStream.range(0, 600).map(i -> i * (layout.totalRows() / 600)).toArray();
      assertArrayEquals(expected(layout, rows), read(reader, layout, rows));
      for (ShardMessage.Gather gather : gathers) {
        long numbers = layout.elements(gather.rows(), gather.from(), gather.to());
        assertTrue(numbers <= 256 * 1024, width + ": " + numbers);
      }
    }
  }

  @Test
  void threadsReadTheSamePages() throws Exception {
    ParameterLayout layout = layout(3);
    ModelReader reader =
        reading(layout, 1, q -> new ShardsAnswer.Here(directory(layout, 1)))
            .reader(new ReadableModel("model/shared", "a", layout));
    List<Thread> threads = new ArrayList<>();
    AtomicInteger right = new AtomicInteger();
    for (int t = 0; t < 4; t++) {
      long seed = t;
      Thread thread =
          new Thread(
              () -> {
                Random random = new Random(seed);
                for (int i = 0; i < 300; i++) {
                  int[] rows = random.ints(50, 0, 40_000).distinct().sorted().toArray();
                  float[] found = read(reader, layout, rows);
                  right.addAndGet(Arrays.equals(expected(layout, rows), found) ? 1 : 0);
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(4 * 300, right.get());
  }

  @Test
  void asksAgainWhenOwnersRefuseAndWaitsWhileTheModelIsLoaded() {
    AtomicInteger asked = new AtomicInteger();
    ModelReader reader =
        reading(
                5,
                question ->
                    switch (asked.getAndIncrement()) {
                      case 0 -> new ShardsAnswer.Here(directory(4));
                      case 1, 2 -> new ShardsAnswer.NotYet(7);
                      default -> new ShardsAnswer.Here(directory(5));
                    })
            .reader(MODEL);
    assertEquals(weight(17), weight(reader, 17));
    List<List<Long>> said = new ArrayList<>();
    questions.forEach(one -> said.add(List.of(one.failedGeneration(), one.loading())));
    assertEquals(List.of(List.of(0L, 0L), List.of(4L, 0L), List.of(4L, 7L), List.of(4L, 7L)), said);
  }

  @Test
  void leavesAnOwnerThatHangsWhenTheDriverHasGivenItUp() {
    AtomicInteger asked = new AtomicInteger();
    ModelReader reader =
        reading(100, q -> new ShardsAnswer.Here(directory(asked.getAndIncrement() == 0 ? 99 : 100)))
            .reader(MODEL);
    assertEquals(weight(17), weight(reader, 17));
  }

  @Test
  void saysWhyItCannotRead() {
    ModelReader failing =
        reading(1, q -> new ShardsAnswer.Failed("its checkpoint is gone")).reader(MODEL);
    assertEquals(
        "Cannot score rows: its checkpoint is gone",
        assertThrows(IllegalStateException.class, () -> weight(failing, 1)).getMessage());
    ModelReader refused = reading(1, q -> new ShardsAnswer.Here(directory(2))).reader(MODEL);
    questions.clear();
    String said = assertThrows(IllegalStateException.class, () -> weight(refused, 1)).getMessage();
    assertTrue(said.contains("the weights of model/ckpt-1 cannot be read: it is over"), said);
    assertEquals(3, questions.size(), "tries are bounded");
  }
}
